import type { Seconds } from '../lib/time.ts'
import type { RateLimit } from '../model/rate-limit.ts'

/** One thing that is about to happen, counted under a key of its own. */
export interface RateDemand {
  /** Names what is counted; equal keys are counted together. */
  readonly key: string
  readonly limit: RateLimit
}

/**
 * Counts what happens, in sliding windows as `model/rate-limit` defines them.
 *
 * 1. `take` MUST count every demand once and answer 0 while none of them is beyond its limit at `now`.
 * 2. `take` MUST count nothing where one of them is, and answer after how many whole seconds none will be.
 * 3. However many callers take at once, no more than the limit MUST be answered with 0.
 * 4. The memory that counters take MUST be bounded, whatever is tried.
 * 5. `probe` MUST reject where nodes cannot count together, and count nothing.
 */
export interface RateLimiter {
  take(demands: readonly RateDemand[], now: Date): Promise<Seconds> | Seconds
  /** Asks whatever counts for all nodes; absent where each counts for itself. */
  probe?(): Promise<unknown>
}
