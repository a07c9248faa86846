import { createLocalRateLimiter } from '@countersign/core'
import type { RateLimiter } from '@countersign/core/plugin'
import type { ForgetfulLimiterSubject, RateLimiterSubject } from '@countersign/testing/conformance'
import type { Saboteur } from './saboteur.ts'
import { tick } from './saboteur.ts'

export const honestLimiter: RateLimiterSubject & ForgetfulLimiterSubject = {
  createLimiter: async () => createLocalRateLimiter(100),
  createSmall: async (most) => createLocalRateLimiter(most),
}

function withBug(change: (limiter: RateLimiter) => RateLimiter): RateLimiterSubject {
  return { createLimiter: async () => change(createLocalRateLimiter(1000)) }
}

/** Starts anew with each window, as the simplest of counters do. */
function fixedWindows(): RateLimiter {
  const counts = new Map<string, number>()
  return {
    take(demands, now) {
      const named = demands.map(({ key, limit }) => {
        const window = Math.floor(now.getTime() / (limit.window * 1000))
        return { limit, name: `${key} ${window}`, window }
      })
      const full = named.filter(({ name, limit }) => (counts.get(name) ?? 0) >= limit.most)
      if (full.length === 0)
        for (const { name } of named) counts.set(name, (counts.get(name) ?? 0) + 1)
      const ends = full.map(({ limit, window }) => (window + 1) * limit.window)
      return Math.max(0, ...ends.map((end) => Math.ceil(end - now.getTime() / 1000)))
    },
  }
}

/** Reads, lets others go first, and then counts. */
function racing(): RateLimiter {
  const counts = new Map<string, number>()
  return {
    async take(demands) {
      const read = demands.map(({ key, limit }) => ({ key, limit, count: counts.get(key) ?? 0 }))
      await tick()
      if (read.some(({ count, limit }) => count >= limit.most)) return 90
      for (const { key, count } of read) counts.set(key, count + 1)
      return 0
    },
  }
}

export const rateLimiterSaboteurs: readonly Saboteur<RateLimiterSubject>[] = [
  {
    bug: 'counts the first demand alone',
    caughtBy:
      'take MUST count every demand once and answer 0 while none of them is beyond its limit at `now`',
    subject: withBug(({ take }) => ({ take: (demands, now) => take(demands.slice(0, 1), now) })),
  },
  {
    bug: 'allows one more than the limit',
    caughtBy:
      'take MUST count every demand once and answer 0 while none of them is beyond its limit at `now`',
    subject: withBug(({ take }) => ({
      take: (demands, now) =>
        take(
          demands.map(({ key, limit }) => ({ key, limit: { ...limit, most: limit.most + 1 } })),
          now,
        ),
    })),
  },
  {
    bug: 'counts each demand for itself',
    caughtBy: 'take MUST count nothing where one of them is beyond',
    subject: withBug(({ take }) => ({
      async take(demands, now) {
        const waits = await Promise.all(demands.map((demand) => take([demand], now)))
        return Math.max(0, ...waits)
      },
    })),
  },
  {
    bug: 'answers the shortest wait',
    caughtBy: 'take MUST answer after how many whole seconds none will be beyond',
    subject: withBug(({ take }) => ({
      async take(demands, now) {
        const wait = await take(demands, now)
        return Math.min(wait, 90)
      },
    })),
  },
  {
    bug: 'starts anew with each window',
    caughtBy: 'take MUST count the window before by the share that a sliding window still covers',
    subject: { createLimiter: async () => fixedWindows() },
  },
  {
    bug: 'forgets with the window',
    caughtBy: 'take MUST NOT let go of a count before its second window ends',
    subject: { createLimiter: async () => fixedWindows() },
  },
  {
    bug: 'refuses where nothing is demanded',
    caughtBy: 'take MUST answer 0 where nothing is demanded',
    subject: withBug(({ take }) => ({
      take: (demands, now) => (demands.length === 0 ? 1 : take(demands, now)),
    })),
  },
  {
    bug: 'counts across an await',
    caughtBy: 'take MUST answer 0 no more often than the limit, however many take at once',
    subject: { createLimiter: async () => racing() },
  },
]

export const hoarder: Saboteur<ForgetfulLimiterSubject> = {
  bug: 'keeps every key',
  caughtBy: 'take MUST keep no more keys than it may, whatever is tried',
  subject: { createSmall: async () => createLocalRateLimiter(100_000) },
}
