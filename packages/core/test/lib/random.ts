/** Numbers below 1 from a seed (mulberry32), so that a failing case can be run again. */
export function seededNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes from a seed, in the form of a source of randomness. */
export function seededBytes(seed: number): (size: number) => Uint8Array {
  const next = seededNumbers(seed)
  return (size) => Uint8Array.from({ length: size }, () => Math.floor(next() * 256))
}
