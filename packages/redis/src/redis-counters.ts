import type { Storage, Stores } from '@countersign/core/plugin'
import type { Afterwards } from './counters/afterwards.ts'
import { atOnce, byItself } from './counters/afterwards.ts'
import { createLockoutCounters } from './counters/lockout-counters.ts'
import { withLockouts } from './counters/with-lockouts.ts'
import { withReplayMarks } from './counters/with-replay-marks.ts'
import { withTokenUses } from './counters/with-token-uses.ts'
import type { Redis, RedisOptions } from './redis.ts'
import { openRedis } from './redis.ts'

/** What is counted in Redis instead of in the storage: nothing that is not named. */
export interface RedisCountersOptions extends RedisOptions {
  /** Failed logins. Locks stand in the storage, too. */
  readonly lockouts?: boolean
  /** The uses of limited tokens. */
  readonly tokenUses?: boolean
  /** Which evidence was shown already. */
  readonly replayMarks?: boolean
}

/**
 * Decorates a storage so that some of what is counted is counted in Redis. The engine does not know.
 *
 * Redis only ever tightens: it never grants, refills, unlocks or revives what the storage knows.
 */
export function withRedisCounters(storage: Storage, options: RedisCountersOptions): Storage {
  const redis = openRedis(options)
  const decorate = createDecoration(redis, options)
  const { within } = storage
  return {
    ...storage,
    probeCounters: redis.probe,
    ...decorate(storage, atOnce),
    async transaction(run) {
      const works: (() => Promise<void>)[] = []
      const collect: Afterwards = async (work) => void works.push(work)
      const answer = await storage.transaction((stores) => {
        works.length = 0
        return run(decorate(stores, collect))
      })
      for (const work of works) await atOnce(work)
      return answer
    },
    ...(within !== undefined && {
      within: (transaction: unknown) => decorate(within(transaction), byItself),
    }),
  }
}

type Decorate = (stores: Stores, afterwards: Afterwards) => Stores

function createDecoration(redis: Redis, options: RedisCountersOptions): Decorate {
  const { lockouts = false, tokenUses = false, replayMarks = false } = options
  const counters = createLockoutCounters(redis)

  return (stores, afterwards) => {
    let decorated = stores
    if (tokenUses) decorated = withTokenUses(decorated, redis)
    if (replayMarks) decorated = withReplayMarks(decorated, redis)
    // The lock is asked first: an attempt that it refuses shows no evidence and opens no count.
    if (lockouts) decorated = withLockouts(decorated, counters, afterwards)
    return decorated
  }
}
