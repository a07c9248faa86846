import { LRUCache } from 'lru-cache'
import type { RateCount, RateLimit } from '../model/rate-limit.ts'
import { rollTo, secondsUntilFree } from '../model/rate-limit.ts'
import type { Forgeries } from '../ports/forgeries.ts'

/** Wrong signatures of one network, each of which costs a check: a tenth of a second of one processor at the most. */
export const FORGERY_LIMIT: RateLimit = { most: 200, window: 10 }

/** Creates the count of one node; beyond `most` networks, those counted longest ago are forgotten. */
export function createForgeries(most: number): Forgeries {
  const counts = new LRUCache<string, RateCount>({ max: most })
  let lastAt = Number.NEGATIVE_INFINITY

  return {
    isQuiet: (now) => now.getTime() - lastAt > 2 * FORGERY_LIMIT.window * 1000,
    note(network, now) {
      lastAt = now.getTime()
      const counted = rollTo(counts.get(network), FORGERY_LIMIT, now)
      counts.set(network, { ...counted, count: counted.count + 1 })
    },
    wait(network, now) {
      const counted = counts.get(network)
      if (counted === undefined) return 0
      return secondsUntilFree(rollTo(counted, FORGERY_LIMIT, now), FORGERY_LIMIT, now)
    },
  }
}
