import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeEach, describe, test } from 'vitest'
import { ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import type { NodeProcess } from './support/processes.ts'
import { startProcess } from './support/processes.ts'

const database = await openDatabase()
const redis = await redisUrl()
const organization = 'acme'
/** Seconds that the clocks of three machines are off. */
const SKEWS = [0, 40, -40]

describe.skipIf(database === undefined || redis === undefined)('three processes', () => {
  if (database === undefined || redis === undefined) return
  let nodes: readonly NodeProcess[] = []

  async function start(counters: boolean): Promise<NodeProcess> {
    const authority = new Date().toISOString()
    const rootKey = randomBytes(32).toString('base64url')
    const shared = { database: database?.url ?? '', redis: redis ?? '', rootKey, counters }
    const settings = { ...shared, prefix: ownPrefix(), cacheTtl: 1, channel: 'redis' } as const
    nodes = await Promise.all(
      SKEWS.map((skew) => startProcess({ ...settings, timeout: 5, clock: { authority, skew } })),
    )
    return nodes[0] ?? assert.fail()
  }

  const advance = (seconds: number) =>
    Promise.all(nodes.map((node) => node.get('advance', seconds)))

  beforeEach(() => database.empty())
  afterEach(() => Promise.all(nodes.map((node) => node.close())))
  afterAll(() => database.drop())

  for (const keeper of ['Postgres', 'Redis'])
    test(`LCK-007 see a lock that ${keeper} keeps end on time, whatever their own clocks show`, async () => {
      const first = await start(keeper === 'Redis')
      await first.get('host', 'organizations.ensure', { id: organization, name: 'Acme' })
      const { identity } = await first.get<{ identity: { id: string } }>(
        'host',
        'identities.create',
        {
          organization,
          name: 'worker',
          authMethod: { method: 'universal' },
        },
      )
      const key = { organization, identity: identity.id }
      const { clientSecret } = await first.get<{ clientSecret: string }>(
        ...(['host', 'clientSecrets.create', key] as const),
      )
      const wrong = await first.get<{ clientSecret: string }>(
        ...(['host', 'clientSecrets.create', key] as const),
      )
      const guess = `${clientSecret.slice(0, -10)}${wrong.clientSecret.slice(-10)}`
      for (const node of nodes)
        assert.equal((await node.call('login', identity.id, guess)).outcome, 'invalid_credential')

      const tried = () =>
        Promise.all(nodes.map((node) => node.call('login', identity.id, clientSecret)))
      await advance(299.9)
      for (const { outcome } of await tried()) assert.equal(outcome, 'locked_out')
      await advance(0.2)
      for (const { outcome } of await tried()) assert.equal(outcome, 'ok')
    }, 60_000)
})
