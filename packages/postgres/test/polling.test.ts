import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { createCountersign } from '@countersign/core'
import type { Invalidation, InvalidationChannel } from '@countersign/core/plugin'
import { systemRuntime } from '@countersign/core/plugin'
import type { PostgresListeningPool } from '@countersign/postgres'
import { postgresChannel, postgresStorage } from '@countersign/postgres'
import type { ChannelGapSubject, ChannelWithinSubject } from '@countersign/testing/conformance'
import { channelCases, channelGapCases, channelWithinCases } from '@countersign/testing/conformance'
import pg from 'pg'
import { afterAll, afterEach, describe, test } from 'vitest'
import { openDatabaseOn } from './support/database.ts'
import { aRootKey, aWorkload, logIn, source } from './support/engine.ts'
import { hostTransaction } from './support/host-transaction.ts'

const database = await openDatabaseOn('pgbouncer')
const POLL = 0.05

/** A pool that refuses connections while it is broken, and counts whom it refused. */
interface Breakable {
  readonly pool: PostgresListeningPool
  isBroken: boolean
  refused: number
}

describe.skipIf(database === undefined)(
  'postgresChannel({ poll }) behind a transaction pooler',
  () => {
    if (database === undefined) return
    const pools: pg.Pool[] = []
    const stops: (() => void)[] = []
    let breakables: Breakable[] = []
    afterEach(() => {
      for (const stop of stops.splice(0)) stop()
      breakables = []
    })
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await database.drop()
    })

    function breakable(): Breakable {
      const pool = new pg.Pool({ connectionString: database?.url, max: 2 })
      pool.on('error', () => undefined)
      pools.push(pool)
      const made: Breakable = {
        isBroken: false,
        refused: 0,
        pool: {
          async connect() {
            if (!made.isBroken) return pool.connect()
            made.refused += 1
            throw new Error('No connection')
          },
        },
      }
      breakables.push(made)
      return made
    }

    function node(runtime = systemRuntime, pool = breakable().pool): InvalidationChannel {
      const channel = postgresChannel({ pool, poll: POLL, runtime })
      return {
        ...channel,
        async subscribe(listener) {
          const stop = await channel.subscribe(listener)
          stops.push(stop)
          return stop
        },
      }
    }

    const subject: ChannelGapSubject & ChannelWithinSubject = {
      createNodes: async (count) => Array.from({ length: count }, () => node()),
      hostTransaction: (run) => hostTransaction(database.pool, run),
      async interrupt() {
        for (const one of breakables) Object.assign(one, { isBroken: true, refused: 0 })
        while (breakables.some(({ refused }) => refused === 0)) await pause(5)
        for (const one of breakables) one.isBroken = false
      },
    }
    for (const { name, run } of [...channelCases, ...channelWithinCases, ...channelGapCases])
      test(name, () => run(subject))

    test('subscribe() misses nothing of a transaction that began first and committed last', async () => {
      const [one, other] = [node(), node()]
      const ear = await listenTo(other)
      const session = { kind: 'session', organization: 'acme', id: 'late' } as const
      await hostTransaction(database.pool, async (transaction) => {
        await one.publishWithin?.(transaction, session)
        for (const id of ['one', 'two', 'three']) {
          await one.publish({ kind: 'identity', organization: 'acme', id })
          await ear.hears(id)
        }
        assert.equal(ear.ids().includes('late'), false)
      })
      await ear.hears('late')
      // What the open transaction held up was read again and again, and told once.
      assert.deepEqual(ear.ids(), ['one', 'two', 'three', 'late'])
    })

    test('subscribe() tells a gap where the process slept longer than messages are kept', async () => {
      let slept = 0
      const clock = (): Date => new Date(Date.now() + slept)
      const ear = await listenTo(node({ ...systemRuntime, clock }))
      slept = 299_000
      await node().publish({ kind: 'organization', id: 'awake' })
      await ear.hears('awake')
      assert.equal(ear.kinds().includes('everything'), false)
      slept += 301_000
      await ear.hears('everything')
    })

    test('publish() tidies away what every node has read', async () => {
      await database.pool.query(
        `INSERT INTO countersign.changes (told_at, message)
       SELECT told_at, 'x' FROM unnest(ARRAY[0, extract(epoch FROM now()) * 1000 - 500000]) AS told_at`,
      )
      await node().publish({ kind: 'keys' })
      const { rows } = await database.pool.query(
        `SELECT told_at > 0 AS recent FROM countersign.changes WHERE message = 'x'`,
      )
      assert.deepEqual(rows, [{ recent: true }])
    })

    test('two nodes that remember for a minute see a revocation of each other', async () => {
      const rootKeys = [aRootKey()]
      const stop = new AbortController()
      const engine = async () => {
        const { pool } = breakable()
        const countersign = createCountersign({
          issuer: 'https://id.example.com',
          rootKeys,
          storage: postgresStorage({ pool, prepare: false, timeout: 20 }),
          channel: node(systemRuntime, pool),
          cacheTtl: 60,
        })
        await countersign.ready()
        return countersign
      }
      const [here, there] = [await engine(), await engine()]
      const running = [here, there].map((one) => one.run({ signal: stop.signal }))
      const token = await logIn(here, await aWorkload(here))
      const principal = await there.authenticate(token, source)
      const ended = there.watch(principal, stop.signal)
      await here.revoke(token, source)
      assert.equal(await ended, 'revoked')
      await assert.rejects(there.authenticate(token, source), { code: 'invalid_token' })
      stop.abort()
      await Promise.all(running)
    })

    test('postgresChannel() takes 0.05 to 60 seconds', () => {
      const { pool } = breakable()
      for (const poll of [0, 0.049, 60.1, Number.NaN, -1])
        assert.throws(() => postgresChannel({ pool, poll }), RangeError)
    })
  },
)

/** Hears a channel, and waits for what it shall hear. */
async function listenTo(channel: InvalidationChannel) {
  const heard: Invalidation[] = []
  const nameOf = (one: Invalidation): string => ('id' in one ? one.id : one.kind)
  await channel.subscribe((invalidation) => heard.push(invalidation))
  return {
    ids: () => heard.map(nameOf),
    kinds: () => heard.map(({ kind }) => kind),
    async hears(name: string): Promise<void> {
      while (!heard.map(nameOf).includes(name)) await pause(5)
    },
  }
}
