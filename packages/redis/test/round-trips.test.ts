import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import type { IoredisClient } from '@countersign/redis'
import { redisRateLimiter, withRedisCounters } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import { afterAll, describe, test } from 'vitest'
import { connect, ownPrefix, redisUrl } from './support/clients.ts'

const url = await redisUrl()
const now = new Date('2026-03-01T12:00:00.000Z')

describe.skipIf(url === undefined)('each decision', async () => {
  if (url === undefined) return
  const { client, end } = await connect(url)
  afterAll(end)

  /** Counts the commands that leave, whatever they are. */
  function counting(): { readonly client: IoredisClient; readonly sent: string[] } {
    const sent: string[] = []
    const watched: IoredisClient = {
      evalsha: (sha, keys, ...values) => {
        sent.push('evalsha')
        return client.evalsha(sha, keys, ...values)
      },
      eval: (text, keys, ...values) => {
        sent.push('eval')
        return client.eval(text, keys, ...values)
      },
      on: (event, listener) => client.on(event, listener),
    }
    return { client: watched, sent }
  }

  const key = {
    organization: 'acme',
    identity: 'idn_1',
    method: 'universal',
    class: 'strangers',
  } as const
  const login = {
    organization: 'acme',
    identity: 'idn_1',
    authMethod: 'amt_1',
    session: 's',
  } as const
  const grant = { ...login, generation: 1, charges: [] }
  const once = { kind: 'once', key: 'jti', until: now } as const
  const events = { refused: [], locked: [] }
  const limit = { most: 100, window: 60 }
  const calls = withRedisCounters(memoryStorage(), { client, prefix: ownPrefix() })
  const decisions: Readonly<Record<string, (storage: typeof calls) => unknown>> = {
    'a strike': ({ logins }) => logins.strike(key, DEFAULT_LOCKOUT, now, events),
    'a grant that a lock could refuse': ({ logins }) =>
      logins.grant({ ...grant, lockout: { ...key, identity: 'idn_2' } }, now, []),
    'a grant that shows evidence': ({ logins }) =>
      logins.grant({ ...grant, charges: [once] }, now, []),
    'a use of a token': ({ tokens }) => tokens.spend(login, 5, []),
    'a look at a token': ({ tokens }) => tokens.find(login, now),
    'the locks of an organization': ({ lockouts }) =>
      lockouts.active({ organization: 'acme' }, now),
    'an unlocking': ({ lockouts }) => lockouts.clear({ organization: 'acme' }, now, []),
  }

  for (const [name, decide] of Object.entries(decisions))
    test(`takes one round trip: ${name}`, async () => {
      const { client: watched, sent } = counting()
      const options = { lockouts: true, tokenUses: true, replayMarks: true }
      const redis = { client: watched, prefix: ownPrefix(), timeout: 10 }
      const storage = withRedisCounters(memoryStorage(), { ...redis, ...options })
      await decide(storage)
      sent.length = 0
      await decide(storage)
      assert.deepEqual(sent, ['evalsha'])
    })

  test('takes one round trip: three rates at once', async () => {
    const { client: watched, sent } = counting()
    const limiter = redisRateLimiter({ client: watched, prefix: ownPrefix(), timeout: 10 })
    const demands = ['a', 'b', 'c'].map((name) => ({ key: name, limit }))
    await limiter.take(demands, now)
    sent.length = 0
    await limiter.take(demands, now)
    assert.deepEqual(sent, ['evalsha'])
  })

  test('runs a script by its text where Redis has forgotten it', async () => {
    const other = new Ioredis(url)
    const { client: watched, sent } = counting()
    const limiter = redisRateLimiter({ client: watched, prefix: ownPrefix(), timeout: 10 })
    await other.script('FLUSH')
    assert.equal(await limiter.take([{ key: 'a', limit }], now), 0)
    assert.deepEqual(sent, ['evalsha', 'eval'])
    other.disconnect()
  })
})
