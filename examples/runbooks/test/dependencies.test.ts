import { once } from 'node:events'
import type { Countersign } from '@countersign/core'
import { migrate, postgresStorage } from '@countersign/postgres'
import { redisChannel, redisRateLimiter, withRedisCounters } from '@countersign/redis'
import type { FaultProxy } from '@countersign/testkit'
import { createDatabase, serverUrl, startFaultProxy, startOwnRedis } from '@countersign/testkit'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { whatIsAway } from '../src/dependencies.ts'
import { aDeployment, aWorkload, HOME, outcomeOf } from './support.ts'

const servers = inject('servers')
const postgres = await serverUrl(servers, 'postgres-18')
const redis = await serverUrl(servers, 'redis')

const closing: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

/** A network in front of a server, which breaks. */
async function networkTo(url: string, protocol: 'postgres' | 'other') {
  const { hostname: host, port } = new URL(url)
  const proxy = await startFaultProxy({ host, port: Number(port), protocol })
  closing.push(() => proxy.close())
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  return { proxy, url: through.href }
}

/** A pool on a database of this test's own, behind a network that breaks. */
async function openPool(): Promise<{ pool: pg.Pool; proxy: FaultProxy }> {
  const database = await createDatabase(postgres ?? '')
  closing.push(() => database.drop())
  const { proxy, url } = await networkTo(database.url, 'postgres')
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  closing.push(() => pool.end())
  await migrate(pool)
  return { pool, proxy }
}

/** Waits until nothing is away. */
function healed(countersign: Countersign): Promise<void> {
  return expect
    .poll(() => whatIsAway(countersign), { timeout: 20_000 })
    .toEqual({ live: true, ready: true, degraded: false, away: [] })
}

test.skipIf(postgres === undefined)(
  'Postgres down: nodes live, nobody is refused by mistake, and they heal by themselves',
  async () => {
    const { pool, proxy } = await openPool()
    const { countersign } = aDeployment({ storage: postgresStorage({ pool, timeout: 1 }) })
    await countersign.ready()
    const workload = await aWorkload(countersign)
    const token = await workload.login()
    proxy.set('refuse')
    expect(await whatIsAway(countersign)).toMatchObject({
      live: true,
      ready: false,
      degraded: true,
      away: expect.arrayContaining(['storage', 'clock']),
    })
    expect(await outcomeOf(workload.login())).toBe('unavailable')
    expect(await outcomeOf(workload.login(`cst_cs_${'0'.repeat(48)}`))).toBe('unavailable')
    expect(['ok', 'unavailable']).toContain(await outcomeOf(countersign.authenticate(token, HOME)))
    proxy.set('none')
    await healed(countersign)
    await countersign.authenticate(token, HOME)
    await workload.login()
  },
  60_000,
)

describe.skipIf(postgres === undefined || redis === undefined)('Redis loss', () => {
  /** A node that counts in Redis all that it can, and speaks through it. */
  async function aNode() {
    const server = await startOwnRedis()
    closing.push(() => server.stop())
    const { proxy, url } = await networkTo(server.url, 'other')
    const [client, subscriber] = [1, 2].map(() => new Redis(url, { retryStrategy: () => 50 }))
    if (client === undefined || subscriber === undefined) throw new Error('There is no client')
    for (const each of [client, subscriber]) {
      each.on('error', () => undefined)
      closing.push(() => each.disconnect())
    }
    // Together: one that is ready while another is waited for says so once only.
    await Promise.all([client, subscriber].map((each) => once(each, 'ready')))
    const { pool } = await openPool()
    const counters = { client, lockouts: true, tokenUses: true }
    const { countersign } = aDeployment({
      storage: withRedisCounters(postgresStorage({ pool }), counters),
      rateLimiter: redisRateLimiter({ client }),
      channel: redisChannel({ publisher: client, subscriber }),
    })
    await countersign.ready()
    return { countersign, proxy, client }
  }

  test('costs no login, keeps what was revoked revoked, and refuses what nobody counts', async () => {
    const { countersign, proxy, client } = await aNode()
    const workload = await aWorkload(countersign)
    const limited = await (await aWorkload(countersign, 5)).login()
    const revoked = await workload.login()
    await countersign.authenticate(limited, HOME)
    await countersign.revoke(revoked, HOME)
    proxy.set('refuse')
    expect(await whatIsAway(countersign)).toMatchObject({
      ready: true,
      degraded: true,
      away: ['channel', 'rateLimiter', 'counters'],
    })
    await countersign.authenticate(await workload.login(), HOME)
    expect(await outcomeOf(countersign.authenticate(revoked, HOME))).toBe('invalid_token')
    expect(await outcomeOf(countersign.authenticate(limited, HOME))).toBe('unavailable')
    proxy.set('none')
    await expect.poll(() => client.flushall().catch(() => ''), { timeout: 10_000 }).toBe('OK')
    await expect
      .poll(() => outcomeOf(countersign.authenticate(limited, HOME)), { timeout: 20_000 })
      .toBe('invalid_token')
    await healed(countersign)
    expect(await outcomeOf(countersign.authenticate(revoked, HOME))).toBe('invalid_token')
    await countersign.authenticate(await workload.login(), HOME)
  }, 60_000)
})
