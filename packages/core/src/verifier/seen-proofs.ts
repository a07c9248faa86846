import type { TakeMark } from '../engine/confirm.ts'

/** Marks that one process keeps: each lives for a minute or so, and all of them together take a few megabytes. */
export const MOST_SEEN = 65_536

/**
 * Remembers the proofs that one process has seen. What it has no room for is refused: a mark that was forgotten early
 * would let a proof count twice.
 */
export function createSeenProofs(most: number = MOST_SEEN): TakeMark {
  const seen = new Map<string, number>()

  function forgetEnded(at: number): void {
    for (const [key, until] of seen) if (at >= until) seen.delete(key)
  }

  return ({ key, until }, now) => {
    const at = now.getTime()
    const known = seen.get(key)
    if (known !== undefined && at < known) return false
    if (seen.size >= most) forgetEnded(at)
    if (seen.size >= most) return false
    seen.set(key, until.getTime())
    return true
  }
}
