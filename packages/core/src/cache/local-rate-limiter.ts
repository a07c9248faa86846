import { secondsUntilFree } from '../model/rate-limit.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'
import { createRateCounts } from './rate-counts.ts'

/** Creates a limiter that counts on this node alone, at most so many keys: beyond, those counted longest ago are forgotten. */
export function createLocalRateLimiter(most: number): RateLimiter {
  const counts = createRateCounts(most)
  return {
    take(demands, now) {
      const entries = demands.map(({ key, limit }) => ({
        limit,
        ...counts.find(key, limit, now),
      }))
      const waits = entries.map(({ counted, limit }) => secondsUntilFree(counted, limit, now))
      const wait = Math.max(0, ...waits)
      if (wait === 0) for (const { add } of entries) add()
      return wait
    },
  }
}
