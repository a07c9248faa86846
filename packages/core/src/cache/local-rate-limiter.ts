import { LRUCache } from 'lru-cache'
import type { RateCount } from '../model/rate-limit.ts'
import { rollTo, secondsUntilFree } from '../model/rate-limit.ts'
import type { RateDemand, RateLimiter } from '../ports/rate-limiter.ts'

/** Creates a limiter that counts on this node alone, at most so many keys: beyond, those counted longest ago are forgotten. */
export function createLocalRateLimiter(most: number): RateLimiter {
  const counts = new LRUCache<string, RateCount>({ max: most })
  return {
    take(demands, now) {
      const rolled = demands.map((demand) => ({
        ...demand,
        counted: rollTo(counts.get(demand.key), demand.limit, now),
      }))
      const wait = longestWait(rolled, now)
      if (wait === 0)
        for (const { key, counted } of rolled)
          counts.set(key, { ...counted, count: counted.count + 1 })
      return wait
    },
  }
}

function longestWait(
  rolled: readonly (RateDemand & { readonly counted: RateCount })[],
  now: Date,
): number {
  return Math.max(0, ...rolled.map(({ counted, limit }) => secondsUntilFree(counted, limit, now)))
}
