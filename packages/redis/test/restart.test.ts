import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOwnRedis } from '@countersign/testkit'
import { Redis as Ioredis } from 'ioredis'
import { afterAll, afterEach, describe, test } from 'vitest'
import { ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import type { Node } from './support/deployment.ts'
import { HOME, logIn, outcomeOf, register, startNode } from './support/deployment.ts'

const database = await openDatabase()
const available = database !== undefined && (await redisUrl()) !== undefined
const LIMIT = 100

describe.skipIf(!available)('a Redis that comes back older than it was', () => {
  if (database === undefined) return
  const open: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })
  afterAll(() => database.drop())

  test('USE-008 refills no uses after it was restored from a copy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'))
    open.push(() => rmSync(folder, { recursive: true, force: true }))
    let server = await startOwnRedis({ cwd: folder })
    open.push(() => server.stop())
    const port = Number(new URL(server.url).port)
    const node = await startNode({ pool: database.pool, redis: server.url, prefix: ownPrefix() })
    open.push(() => node.close())
    const { accessToken } = await logIn(node, await register(node, 'worker', LIMIT))
    const admin = await adminOf(server.url)
    open.push(() => admin.disconnect())
    assert.equal(await use(node, accessToken, 50), 50)
    await admin.call('SAVE')
    assert.equal(await use(node, accessToken, 10), 10)
    await server.stop()
    server = await startOwnRedis({ cwd: folder, port })
    await returned(node, admin)
    assert.equal(await use(node, accessToken, LIMIT), 0)
  }, 60_000)

  test('USE-008 refills no uses after a replica that was behind took its place', async () => {
    const primary = await startOwnRedis()
    open.push(() => primary.stop())
    const port = Number(new URL(primary.url).port)
    const follower = ['--replicaof', '127.0.0.1', String(port)]
    const folder = mkdtempSync(join(tmpdir(), 'countersign-replica-'))
    open.push(() => rmSync(folder, { recursive: true, force: true }))
    let replica = await startOwnRedis({ args: follower, cwd: folder })
    open.push(() => replica.stop())
    const node = await startNode({ pool: database.pool, redis: primary.url, prefix: ownPrefix() })
    open.push(() => node.close())
    const { accessToken } = await logIn(node, await register(node, 'worker', LIMIT))
    assert.equal(await use(node, accessToken, 50), 50)
    const admin = await adminOf(primary.url)
    const behind = await adminOf(replica.url)
    for (const client of [admin, behind]) open.push(() => client.disconnect())
    assert.equal(await admin.call('WAIT', '1', '5000'), 1)
    await behind.call('REPLICAOF', 'NO', 'ONE')
    await behind.call('SAVE')
    assert.equal(await use(node, accessToken, 10), 10)
    // The address now leads to the promoted one, as after any failover.
    await Promise.all([primary.stop(), replica.stop()])
    replica = await startOwnRedis({ port, cwd: folder })
    await returned(node, admin)
    assert.equal(await use(node, accessToken, LIMIT), 0)
    const { accessToken: next } = await logIn(node, await register(node, 'next', 2))
    assert.equal(await use(node, next, 5), 2)
  }, 60_000)
})

async function adminOf(url: string): Promise<Ioredis> {
  const client = new Ioredis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  await once(client, 'ready')
  return client
}

/** Comes by until the node asks Redis again. */
async function returned(node: Node, admin: Ioredis): Promise<void> {
  assert.equal(await admin.ping(), 'PONG')
  const worker = await register(node, 'healer')
  const asked = node.asked()
  for (let tries = 0; node.asked() < asked + 6 && tries < 500; tries += 1) {
    node.advance(1)
    await logIn(node, worker)
  }
  assert.ok(node.asked() >= asked + 6, 'the node asks Redis again')
}

async function use({ countersign }: Node, token: string, times: number): Promise<number> {
  let accepted = 0
  for (let time = 0; time < times; time += 1)
    if ((await outcomeOf(countersign.authenticate(token, HOME))) === 'ok') accepted += 1
  return accepted
}
