import type { RateLimit } from '../model/rate-limit.ts'
import { secondsUntilFree } from '../model/rate-limit.ts'
import type { Forgeries } from '../ports/forgeries.ts'
import { createRateCounts } from './rate-counts.ts'

/** Wrong signatures of one network, each of which costs a check: a tenth of a second of one processor at the most. */
export const FORGERY_LIMIT: RateLimit = { most: 200, window: 10 }

/** Creates the count of one node; beyond `most` networks, those counted longest ago are forgotten. */
export function createForgeries(most: number): Forgeries {
  const counts = createRateCounts(most)
  let lastAt = Number.NEGATIVE_INFINITY

  return {
    isQuiet: (now) => now.getTime() - lastAt > 2 * FORGERY_LIMIT.window * 1000,
    note(network, now) {
      lastAt = now.getTime()
      counts.find(network, FORGERY_LIMIT, now).add()
    },
    wait(network, now) {
      const { counted } = counts.find(network, FORGERY_LIMIT, now)
      return secondsUntilFree(counted, FORGERY_LIMIT, now)
    },
  }
}
