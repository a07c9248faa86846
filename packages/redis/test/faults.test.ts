import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { FaultProxy, Server } from '@countersign/testkit'
import { startFaultProxy, startOwnRedis } from '@countersign/testkit'
import { Redis as Ioredis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, test } from 'vitest'
import { ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import type { Account, Node } from './support/deployment.ts'
import { HOME, logIn, outcomeOf, register, startNode, wrongSecret } from './support/deployment.ts'

const database = await openDatabase()
const available = database !== undefined && (await redisUrl()) !== undefined

/** A Redis of this test's own, and a network in front of it that breaks. */
interface World {
  server: Server
  readonly port: number
  readonly proxy: FaultProxy
  readonly admin: Ioredis
  readonly prefix: string
}

interface Fault {
  readonly name: string
  break(world: World): Promise<unknown> | unknown
  mend(world: World): Promise<unknown> | unknown
}

const nothing = (): void => undefined

const faults: readonly Fault[] = [
  { name: 'FLUSHALL', break: ({ admin }) => admin.flushall(), mend: nothing },
  {
    name: 'a restart without data',
    async break(world) {
      await world.server.stop()
      world.server = await startOwnRedis({ port: world.port })
    },
    mend: nothing,
  },
  {
    name: 'no Redis at all, STO-013',
    break: ({ server }) => server.stop(),
    async mend(world) {
      world.server = await startOwnRedis({ port: world.port })
    },
  },
  {
    name: 'refused connections',
    break: ({ proxy }) => proxy.set('refuse'),
    mend: ({ proxy }) => proxy.set('none'),
  },
  {
    name: 'CLIENT PAUSE, STO-014',
    break: ({ admin }) => admin.call('CLIENT', 'PAUSE', '8000', 'ALL'),
    // Answered when the pause is over.
    mend: ({ admin }) => admin.ping(),
  },
  {
    name: 'a black hole',
    break: ({ proxy }) => proxy.set('black-hole'),
    mend: ({ proxy }) => proxy.set('none'),
  },
  {
    name: 'half-open connections',
    break: ({ proxy }) => proxy.set('drop-replies'),
    mend: ({ proxy }) => proxy.set('none'),
  },
  {
    name: 'READONLY, STO-016',
    break: ({ admin }) => admin.call('REPLICAOF', '127.0.0.1', '1'),
    mend: ({ admin }) => admin.call('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'OOM, STO-016',
    break: ({ admin }) => admin.config('SET', 'maxmemory', '1'),
    mend: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'a wrong data type, STO-016',
    async break({ admin, prefix }) {
      for (const key of await admin.keys(`${prefix}*`)) {
        await admin.del(key)
        await admin.lpush(key, 'no count')
      }
    },
    mend: nothing,
  },
  {
    name: 'NOAUTH, STO-016',
    async break({ admin }) {
      await admin.config('SET', 'requirepass', 'secret')
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    },
    mend: ({ admin }) => admin.config('SET', 'requirepass', ''),
  },
]

describe.skipIf(!available)('with a Redis that fails', () => {
  if (database === undefined) return
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  let world: World
  let nodes: readonly [Node, Node]

  beforeEach(async () => {
    await database.empty()
    const server = await startOwnRedis()
    const { port } = new URL(server.url)
    const proxy = await startFaultProxy({
      host: '127.0.0.1',
      port: Number(port),
      protocol: 'other',
    })
    const admin = new Ioredis(server.url, { retryStrategy: () => 50 })
    admin.on('error', () => undefined)
    await once(admin, 'ready')
    world = { server, port: Number(port), proxy, admin, prefix: ownPrefix() }
    const redis = `redis://127.0.0.1:${proxy.port}`
    const options = { pool: database.pool, redis, prefix: world.prefix }
    nodes = [await startNode(options), await startNode(options)]
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    world.admin.disconnect()
    await world.proxy.close()
    await world.server.stop()
    assert.deepEqual(unhandled, [])
  })
  afterAll(async () => {
    process.off('unhandledRejection', note)
    await database.drop()
  })

  for (const fault of faults)
    test(`${fault.name}: no limit is exceeded, nothing revoked lives on, and logins go on`, async () => {
      const [here, there] = nodes
      const before = await prepare(here, there)
      await fault.break(world)
      await goOn(here, there, before)
      const during = await loginDuring(here, there)
      await fault.mend(world)
      await heal(here, there)
      await keepLimits(here, there, before, during)
    }, 60_000)
})

interface Before {
  readonly worker: Account
  readonly locked: Account
  readonly limited: string
  readonly revoked: string
  readonly uses: { count: number }
}

const LIMIT = 5

/** Spends two of five uses, locks somebody out, and lets both nodes know a token that will be revoked. */
async function prepare(here: Node, there: Node): Promise<Before> {
  const worker = await register(here, 'worker')
  const locked = await register(here, 'locked')
  const few = await register(here, 'few', LIMIT)
  const { accessToken: revoked } = await logIn(here, worker)
  await there.countersign.authenticate(revoked, HOME)
  const { accessToken: limited } = await logIn(here, few)
  const uses = { count: 0 }
  await use([here, there], limited, uses, 1)
  assert.equal(uses.count, 2)
  await strikeOut([here, there], locked)
  assert.equal(await outcomeOf(logIn(there, locked)), 'locked_out')
  return { worker, locked, limited, revoked, uses }
}

/** Everything that needs no counter works, and what was decided stays decided. */
async function goOn(here: Node, there: Node, before: Before): Promise<void> {
  const { worker, locked, limited, revoked, uses } = before
  await here.countersign.revoke(revoked, HOME)
  assert.equal(await outcomeOf(here.countersign.authenticate(revoked, HOME)), 'invalid_token')
  there.advance(1)
  assert.equal(await outcomeOf(there.countersign.authenticate(revoked, HOME)), 'invalid_token')
  for (const node of [here, there, here, there]) {
    const { accessToken } = await logIn(node, worker)
    assert.equal(await outcomeOf(node.countersign.authenticate(accessToken, HOME)), 'ok')
    assert.equal(await outcomeOf(logIn(node, locked)), 'locked_out')
  }
  await use([here, there], limited, uses, 2)
}

interface During {
  readonly locked: Account
  readonly limited: string | undefined
  readonly uses: { count: number }
}

/** Locks somebody out, and opens a limited login, while Redis is as it is. */
async function loginDuring(here: Node, there: Node): Promise<During> {
  const locked = await register(here, 'locked later')
  await strikeOut([here, there], locked)
  assert.equal(await outcomeOf(logIn(there, locked)), 'locked_out')
  const few = await register(here, 'few later', LIMIT)
  const grant = await logIn(here, few).catch(() => undefined)
  const uses = { count: 0 }
  if (grant !== undefined) await use([here, there], grant.accessToken, uses, 2)
  return { locked, limited: grant?.accessToken, uses }
}

/** Lets two seconds pass, and comes by until both nodes ask Redis again. */
async function heal(here: Node, there: Node): Promise<void> {
  for (const node of [here, there]) {
    const worker = await register(node, 'healer')
    node.advance(2)
    const asked = node.asked()
    // A login asks Redis twice while it answers, and not at all while it is away.
    for (let tries = 0; node.asked() < asked + 6 && tries < 500; tries += 1) {
      await logIn(node, worker)
      if (tries % 50 === 49) node.advance(1)
    }
    assert.ok(node.asked() >= asked + 6, 'the node asks Redis again')
  }
}

async function keepLimits(here: Node, there: Node, before: Before, during: During): Promise<void> {
  const nodes = [here, there]
  await use(nodes, before.limited, before.uses, LIMIT)
  assert.ok(before.uses.count <= LIMIT, `${before.uses.count} uses`)
  if (during.limited !== undefined) await use(nodes, during.limited, during.uses, LIMIT)
  assert.ok(during.uses.count <= LIMIT, `${during.uses.count} uses of a login meanwhile`)
  for (const node of nodes) {
    assert.equal(await outcomeOf(logIn(node, before.locked)), 'locked_out')
    assert.equal(await outcomeOf(logIn(node, during.locked)), 'locked_out')
    const revoked = node.countersign.authenticate(before.revoked, HOME)
    assert.equal(await outcomeOf(revoked), 'invalid_token')
  }
  const { accessToken } = await logIn(here, await register(here, 'few at last', LIMIT))
  const uses = { count: 0 }
  await use(nodes, accessToken, uses, LIMIT)
  assert.equal(uses.count, LIMIT)
}

/** Uses a token so many times on each node, and counts how often it was accepted. */
async function use(
  nodes: readonly Node[],
  token: string,
  uses: { count: number },
  times: number,
): Promise<void> {
  for (let time = 0; time < times; time += 1)
    for (const { countersign } of nodes)
      if ((await outcomeOf(countersign.authenticate(token, HOME))) === 'ok') uses.count += 1
}

async function strikeOut(nodes: readonly [Node, Node], account: Account): Promise<void> {
  for (const node of [nodes[0], nodes[1], nodes[0]])
    assert.equal(await outcomeOf(logIn(node, account, wrongSecret(account))), 'invalid_credential')
}
