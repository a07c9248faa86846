import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createCountersign } from '@countersign/core'
import type { Invalidation, InvalidationChannel } from '@countersign/core/plugin'
import { postgresChannel, postgresStorage } from '@countersign/postgres'
import type { ChannelGapSubject, ChannelWithinSubject } from '@countersign/testing/conformance'
import { channelCases, channelGapCases, channelWithinCases } from '@countersign/testing/conformance'
import pg from 'pg'
import { afterAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { hostTransaction } from './support/host-transaction.ts'

const database = await openDatabase()

describe.skipIf(database === undefined)('postgresChannel()', () => {
  if (database === undefined) return
  const pools: pg.Pool[] = []
  const stops: (() => void)[] = []
  afterAll(async () => {
    for (const stop of stops) stop()
    await Promise.all(pools.map((pool) => pool.end()))
    await database.drop()
  })

  function node(): InvalidationChannel {
    const pool = new pg.Pool({ connectionString: database?.url, max: 3 })
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    pools.push(pool)
    const channel = postgresChannel({ pool })
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
    createNodes: async (count) => Array.from({ length: count }, node),
    hostTransaction: (run) => hostTransaction(database.pool, run),
    async interrupt() {
      await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
      )
    },
  }
  for (const { name, run } of [...channelCases, ...channelWithinCases, ...channelGapCases])
    test(name, () => run(subject))

  test('publish() tells of everything where one text cannot say it all', async () => {
    const [one, other] = [node(), node()]
    const heard: Invalidation[] = []
    let come: () => void = () => undefined
    const coming = new Promise<void>((resolve) => {
      come = resolve
    })
    await other.subscribe((invalidation) => {
      heard.push(invalidation)
      come()
    })
    await one.publish({ kind: 'organization', id: 'x'.repeat(8000) })
    await coming
    assert.deepEqual(heard, [{ kind: 'everything' }])
  })

  test('within() tells other nodes exactly what the host commits', async () => {
    const rootKeys = [randomBytes(32).toString('base64url')]
    const engine = (channel: InvalidationChannel) =>
      createCountersign({
        issuer: 'https://id.example.com',
        rootKeys,
        storage: postgresStorage({ pool: database.pool }),
        channel,
        cacheTtl: 60,
      })
    const [here, there] = [engine(node()), engine(node())]
    const stop = new AbortController()
    await Promise.all([here.ready(), there.ready()])
    const running = [here, there].map((one) => one.run({ signal: stop.signal }))
    const host = here.asHost('test')
    const { id: organization } = await host.organizations.create({ id: 'acme', name: 'Acme' })
    const { identity } = await host.identities.create({
      organization,
      name: 'worker',
      authMethod: { method: 'universal' },
    })
    const { clientSecret } = await host.clientSecrets.create({
      organization,
      identity: identity.id,
    })
    const source = { address: '192.0.2.1' }
    const { accessToken } = await there.login(
      { method: 'universal', identity: identity.id, credential: { clientSecret } },
      source,
    )
    const principal = await there.authenticate(accessToken, source)
    const disable = (transaction: unknown) =>
      here.within(transaction).asHost('test').identities.update({
        organization,
        id: identity.id,
        disabled: true,
      })
    await assert.rejects(
      hostTransaction(database.pool, async (transaction) => {
        await disable(transaction)
        throw new Error('The host changed its mind')
      }),
    )
    await there.authenticate(accessToken, source)
    const told = there.watch(principal, stop.signal)
    await hostTransaction(database.pool, disable)
    await told
    await assert.rejects(there.authenticate(accessToken, source), { reason: 'identity_disabled' })
    stop.abort()
    await Promise.all(running)
  })
})
