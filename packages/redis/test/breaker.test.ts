import assert from 'node:assert/strict'
import type { RateLimiter } from '@countersign/core/plugin'
import type { Runtime } from '@countersign/core/runtime'
import { systemRuntime } from '@countersign/core/runtime'
import type { IoredisClient } from '@countersign/redis'
import { redisRateLimiter } from '@countersign/redis'
import { beforeEach, describe, test } from 'vitest'

const limit = { most: 5, window: 60 }
const demands = [{ key: 'a', limit }]
const now = new Date('2026-03-01T12:00:00.000Z')

/** A clock and deadlines that a test moves by hand. */
function byHand() {
  let seconds = 0
  const due: { readonly at: number; readonly end: AbortController }[] = []
  const runtime: Runtime = {
    ...systemRuntime,
    clock: () => new Date(now.getTime() + seconds * 1000),
    deadline(after) {
      const end = new AbortController()
      due.push({ at: seconds + after, end })
      return end.signal
    },
  }
  return {
    runtime,
    advance(by: number) {
      const until = seconds + by
      // One step at a time: a deadline may set another one.
      for (const step of [0.5, 1]) {
        seconds = until - by + by * step
        for (const { at, end } of [...due]) if (at <= seconds + 1e-9) end.abort()
      }
      seconds = until
    },
  }
}

/** A Redis that answers, is silent, or refuses. */
function pretending() {
  const state = { mood: 'answers' as 'answers' | 'silent' | Error, asked: 0 }
  const client: IoredisClient = {
    async evalsha() {
      state.asked += 1
      if (state.mood === 'silent') return new Promise(() => undefined)
      if (state.mood instanceof Error) throw state.mood
      return '0'
    },
    eval: () => assert.fail(),
    on: () => undefined,
  }
  return { client, state }
}

const LOCALLY = 7
const local: RateLimiter = { take: () => LOCALLY }

describe('a Redis that is away', () => {
  let hand: ReturnType<typeof byHand>
  let redis: ReturnType<typeof pretending>
  let take: () => Promise<number> | number

  beforeEach(() => {
    hand = byHand()
    redis = pretending()
    const limiter = redisRateLimiter({ client: redis.client, runtime: hand.runtime, local })
    take = () => limiter.take(demands, now)
  })

  async function goSilent(): Promise<void> {
    redis.state.mood = 'silent'
    const waiting = take()
    hand.advance(0.2)
    assert.equal(await waiting, LOCALLY)
  }

  test('STO-014 costs its time once, and nothing from then on', async () => {
    await goSilent()
    const { asked } = redis.state
    for (let count = 0; count < 1000; count += 1) assert.equal(await take(), LOCALLY)
    assert.equal(redis.state.asked, asked)
  })

  test('is probed behind the back of who comes by, one at a time', async () => {
    await goSilent()
    hand.advance(0.5)
    const { asked } = redis.state
    for (let count = 0; count < 10; count += 1) assert.equal(await take(), LOCALLY)
    assert.equal(redis.state.asked, asked + 1)
  })

  test('is asked again within two seconds of its return', async () => {
    await goSilent()
    redis.state.mood = 'answers'
    hand.advance(0.5)
    assert.equal(await take(), LOCALLY)
    await Promise.resolve()
    let answer = await take()
    for (let turn = 0; answer === LOCALLY && turn < 20; turn += 1) answer = await take()
    assert.equal(answer, 0)
  })

  for (const message of [
    'MOVED 3999 127.0.0.1:6381',
    'LOADING Redis is loading the dataset in memory',
    'NOAUTH Authentication required.',
    'CLUSTERDOWN The cluster is down',
  ])
    test(`STO-016 is passed by where it answers ${message.split(' ')[0]}, and asked again at once`, async () => {
      redis.state.mood = new Error(message)
      assert.equal(await take(), LOCALLY)
      redis.state.mood = 'answers'
      assert.equal(await take(), 0)
    })

  test('costs nobody an error that nobody waits for', async () => {
    redis.state.mood = new Error('connect ECONNREFUSED 127.0.0.1:6379')
    assert.equal(await take(), LOCALLY)
    hand.advance(0.5)
    assert.equal(await take(), LOCALLY)
    assert.equal(await take(), LOCALLY)
  })
})
