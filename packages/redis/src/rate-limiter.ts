import { createLocalRateLimiter } from '@countersign/core'
import type { RateDemand, RateLimiter } from '@countersign/core/plugin'
import type { Redis, RedisOptions } from './redis.ts'
import { openRedis } from './redis.ts'
import { RedisAway } from './redis-away.ts'
import { takeRates } from './scripts/rates.ts'

/** Which Redis counts, and who counts while it is away. */
export interface RedisRateLimiterOptions extends RedisOptions {
  /** Counts on this node alone while Redis is away; one that remembers 65,536 keys where absent. */
  readonly local?: RateLimiter
}

const LOCAL_KEYS = 65_536

/**
 * Creates a limiter that counts for all nodes together, in one round trip a decision. While Redis is away each node counts
 * for itself.
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): RateLimiter {
  const { local = createLocalRateLimiter(LOCAL_KEYS) } = options
  const redis = openRedis(options)

  return {
    probe: redis.probe,
    async take(demands, now) {
      if (demands.length === 0) return 0
      try {
        return await takeFrom(redis, demands, now)
      } catch (error) {
        if (error instanceof RedisAway) return local.take(demands, now)
        throw error
      }
    },
  }
}

async function takeFrom(redis: Redis, demands: readonly RateDemand[], now: Date): Promise<number> {
  // One script sees all of them, so in a Cluster they live in one slot.
  const keys = demands.map(({ key }) => `${redis.prefix}:{rates}:${key}`)
  const limits = demands.map(({ limit }) => ` ${limit.most} ${limit.window * 1000}`)
  const [wait] = await redis.run(takeRates, keys, [now.getTime() + limits.join('')])
  return Number(wait)
}
