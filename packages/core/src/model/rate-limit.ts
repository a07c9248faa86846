import type { Seconds } from '../lib/time.ts'

/** How often something may happen: at most so many times within a window. */
export interface RateLimit {
  readonly most: number
  readonly window: Seconds
}

/** What was counted under one key: in the window that holds an instant, and in the one before it. */
export interface RateCount {
  /** The number of the window since 1970. */
  readonly window: number
  readonly count: number
  readonly before: number
}

/** The number of the window that holds an instant. */
export function windowOf({ window }: RateLimit, now: Date): number {
  return Math.floor(now.getTime() / (window * 1000))
}

/** What a count says in the window that holds an instant. */
export function rollTo(count: RateCount | undefined, limit: RateLimit, now: Date): RateCount {
  const window = windowOf(limit, now)
  if (count === undefined || count.window < window - 1) return { window, count: 0, before: 0 }
  if (count.window < window) return { window, count: 0, before: count.count }
  return count
}

/**
 * The whole seconds until one more is within the limit; 0 where it is now. What happened in the window before counts by
 * the share of it that a window sliding back from now still covers.
 */
export function secondsUntilFree(counted: RateCount, limit: RateLimit, now: Date): Seconds {
  const { most, window } = limit
  const span = window * 1000
  const elapsed = now.getTime() - counted.window * span
  if (weightAt(counted, span, elapsed) + 1 <= most) return 0
  if (counted.count + 1 <= most) {
    // Only the window before is in the way, and its share shrinks steadily.
    const share = (most - 1 - counted.count) / counted.before
    return Math.max(1, Math.ceil((span * (1 - share) - elapsed) / 1000))
  }
  // This window becomes the one before, and shrinks from its end on.
  const share = (most - 1) / counted.count
  return Math.max(1, Math.ceil((span - elapsed + span * (1 - share)) / 1000))
}

function weightAt({ count, before }: RateCount, span: number, elapsed: number): number {
  return before * (1 - elapsed / span) + count
}
