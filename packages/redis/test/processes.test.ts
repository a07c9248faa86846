import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { FaultProxy } from '@countersign/testkit'
import { startFaultProxy } from '@countersign/testkit'
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest'
import { ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import { keepsPromises } from './support/history.ts'
import type { NodeProcess, NodeSettings } from './support/processes.ts'
import { startProcess } from './support/processes.ts'
import type { Actor, LoginHistory } from './support/workload.ts'
import { recordHistory } from './support/workload.ts'

const database = await openDatabase()
const redis = await redisUrl()
const soak = process.env['COUNTERSIGN_SOAK'] === '1'
const OPERATIONS = soak ? 10_000 : 2000
const TIMEOUT = soak ? 600_000 : 120_000

describe.skipIf(database === undefined || redis === undefined)('three processes', () => {
  if (database === undefined || redis === undefined) return
  const rootKey = randomBytes(32).toString('base64url')
  const proxies: FaultProxy[] = []
  let nodes: readonly NodeProcess[] = []

  async function behindProxy(url: string, protocol: 'postgres' | 'other'): Promise<string> {
    const target = new URL(url)
    const { hostname: host, port } = target
    const proxy = await startFaultProxy({ host, port: Number(port), protocol })
    proxies.push(proxy)
    target.port = String(proxy.port)
    return target.href
  }

  async function start(settings: Partial<NodeSettings>): Promise<void> {
    const usual = { database: database?.url ?? '', redis: redis ?? '', rootKey }
    const rest = { prefix: ownPrefix(), cacheTtl: 1, channel: 'redis' } as const
    const all = { ...usual, ...rest, ...settings }
    nodes = await Promise.all([1, 2, 3].map(() => startProcess(all)))
  }

  beforeAll(() => database.empty())
  afterEach(async () => {
    for (const proxy of proxies) proxy.set('none')
    await Promise.all(nodes.map((node) => node.close()))
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()))
  })
  afterAll(() => database.drop())

  async function actors(limits: readonly (number | undefined)[]): Promise<readonly Actor[]> {
    const [node] = nodes
    assert.ok(node)
    await node.get('host', 'organizations.ensure', { id: 'acme', name: 'Acme' })
    return Promise.all(limits.map((limit) => anActor(node, limit)))
  }

  function violations(histories: readonly LoginHistory[], bound: number): readonly LoginHistory[] {
    return histories.filter(
      ({ actor, records }) => !keepsPromises(records, { bound, limit: actor.limit }),
    )
  }

  test(
    'CLU-001, CLU-002, TTL-006 keep what is promised, whatever breaks between them',
    async () => {
      const settings = {
        redis: await behindProxy(redis, 'other'),
        database: await behindProxy(database.url, 'postgres'),
        counters: true,
      }
      await start(settings)
      const histories = await recordHistory({
        nodes,
        actors: await actors([undefined, undefined, undefined, 7, 3]),
        operations: OPERATIONS,
        seed: 1,
        networks: proxies,
      })
      const [broken] = violations(histories, 1000)
      assert.equal(broken, undefined, broken && told(broken))
      const records = histories.flatMap((history) => history.records)
      const outcomes = new Set(records.map(({ verb, outcome }) => `${verb} ${outcome}`))
      for (const expected of ['authenticate ok', 'authenticate no', 'revoke ok', 'renew ok'])
        assert.ok(outcomes.has(expected), `${expected} happened`)
    },
    TIMEOUT,
  )

  /** Asks in rounds, until one shows what is wrong or all have shown nothing. */
  async function findViolation(seed: number, bound: number): Promise<boolean> {
    const everybody = await actors([undefined, undefined])
    for (let round = 0; round < 5; round += 1) {
      const asked = { nodes, actors: everybody, operations: OPERATIONS / 5, seed: seed + round }
      if (violations(await recordHistory(asked), bound).length > 0) return true
    }
    return false
  }

  test(
    'break what is promised where the stamp is taken out',
    async () => {
      await start({ cacheTtl: 0, naive: { flaw: 'stampless', ttl: 1000, delay: 400 } })
      assert.ok(await findViolation(2, 1000))
    },
    TIMEOUT,
  )

  test(
    'break what is promised where a node restarts the clock on receipt',
    async () => {
      const naive = { flaw: 'restarting', ttl: 200, delay: 400 } as const
      await start({ cacheTtl: 0, channel: 'none', naive })
      assert.ok(await findViolation(3, 200))
    },
    TIMEOUT,
  )

  test(
    'keep what is promised with the same cache, where nothing is wrong with it',
    async () => {
      const naive = { flaw: 'none', ttl: 200, delay: 100 } as const
      await start({ cacheTtl: 0, channel: 'none', naive })
      assert.equal(await findViolation(3, 200), false)
    },
    TIMEOUT,
  )
})

/** A history as somebody can read it who wants to know what went wrong. */
function told({ actor, records }: LoginHistory): string {
  const began = Math.min(...records.map(({ invokedAt }) => invokedAt))
  const lines = records.map(({ verb, node, outcome, invokedAt, completedAt }) =>
    [(invokedAt - began).toFixed(1), (completedAt - began).toFixed(1), node, verb, outcome].join(
      ' ',
    ),
  )
  return `A login with the limit ${actor.limit} saw what is not promised:\n${lines.join('\n')}`
}

async function anActor(node: NodeProcess, limit: number | undefined): Promise<Actor> {
  const tokenPolicy = limit === undefined ? {} : { tokenPolicy: { maxUses: limit } }
  const { identity } = await node.get<{ identity: { id: string } }>('host', 'identities.create', {
    organization: 'acme',
    name: 'actor',
    authMethod: { method: 'universal', ...tokenPolicy },
  })
  const key = { organization: 'acme', identity: identity.id }
  const { clientSecret } = await node.get<{ clientSecret: string }>(
    ...(['host', 'clientSecrets.create', key] as const),
  )
  return { identity: identity.id, clientSecret, limit }
}
