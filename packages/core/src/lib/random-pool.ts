import type { Random } from './ids.ts'

/**
 * Draws from a source a few thousand bytes at a time, because each question to it costs as much as a hash.
 *
 * Only what is short comes from the pool: ids and nonces. A secret is longer, and never lies in memory before its birth.
 */
export function createRandomPool(source: Random): Random {
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0

  return (size) => {
    if (size > LONGEST_DRAW) return source(size)
    if (used + size > pool.length) {
      pool = source(POOL_SIZE)
      used = 0
    }
    const drawn = pool.slice(used, used + size)
    pool.fill(0, used, used + size)
    used += size
    return drawn
  }
}

const POOL_SIZE = 4096
/** A nonce takes 26 bytes, a secret 50. */
const LONGEST_DRAW = 31
