import assert from 'node:assert/strict'
import type { RateLimiter } from '@countersign/core/plugin'
import { redisRateLimiter } from '@countersign/redis'
import { rateLimiterCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import { clientKinds, connect, ownPrefix, redisUrl } from './support/clients.ts'

const url = await redisUrl()

describe.skipIf(url === undefined)('redisRateLimiter()', async () => {
  if (url === undefined) return
  for (const kind of clientKinds) {
    const { client, end } = await kind.connect(url)
    afterAll(end)
    const subject = {
      createLimiter: async () => redisRateLimiter({ client, prefix: ownPrefix(), timeout: 10 }),
    }
    describe(kind.name, () => {
      for (const { name, run } of rateLimiterCases) test(name, () => run(subject))
    })
  }

  const { client, end } = await connect(url)
  afterAll(end)

  test('take() keeps no key longer than two windows', async () => {
    const prefix = ownPrefix()
    const limiter = redisRateLimiter({ client, prefix })
    const limit = { most: 10, window: 60 }
    await limiter.take(
      [
        { key: 'a', limit },
        { key: 'b', limit },
      ],
      new Date(),
    )
    const keys = await client.keys(`${prefix}*`)
    assert.equal(keys.length, 2)
    for (const key of keys) {
      const life = await client.pttl(key)
      assert.ok(life > 0 && life <= 120_000, `${life}`)
    }
  })

  test('take() asks the local limiter where Redis holds something else under the key', async () => {
    const prefix = ownPrefix()
    const asked: string[] = []
    const local: RateLimiter = {
      take([demand]) {
        asked.push(demand?.key ?? '')
        return 7
      },
    }
    const limiter = redisRateLimiter({ client, prefix, local })
    await client.lpush(`${prefix}:1:{rates}:a`, 'no count')
    const limit = { most: 10, window: 60 }
    assert.equal(await limiter.take([{ key: 'a', limit }], new Date()), 7)
    assert.equal(await limiter.take([{ key: 'b', limit }], new Date()), 0)
    assert.deepEqual(asked, ['a'])
  })
})
