import { sha256 } from '#crypto'

/** Puts a text into one of so many buckets, always the same. */
export function bucketOf(text: string, buckets: number): number {
  return sha256(text)
    .slice(0, 6)
    .reduce((sum, byte) => (sum * 256 + byte) % buckets, 0)
}
