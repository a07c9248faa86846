import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage } from '@countersign/core'
import type { RedisClient, RedisPublisher } from '@countersign/redis'
import { redisChannel, redisRateLimiter, withRedisCounters } from '@countersign/redis'
import { channelCases, rateLimiterCases, storageCases } from '@countersign/testing/conformance'
import type { Server } from '@countersign/testkit'
import { serverUrl, startOwnRedis } from '@countersign/testkit'
import { Cluster, Redis as Ioredis } from 'ioredis'
import { afterAll, describe, inject, test } from 'vitest'
import { choices, exceptionsInMemory } from './support/choices.ts'
import { connect, ownPrefix, redisUrl } from './support/clients.ts'

const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')
const counted = /^(logins|tokens|lockouts|sweep)\b|remove MUST take/

/** Everything that this package does, on a server and by a client of another kind. */
function works(client: RedisClient & RedisPublisher, subscriber: Ioredis): void {
  const createLimiter = async () => redisRateLimiter({ client, prefix: ownPrefix(), timeout: 10 })
  for (const { name, run } of rateLimiterCases) test(name, () => run({ createLimiter }))

  const createNodes = async (count: number) => {
    const prefix = ownPrefix()
    // Each node listens on a connection of its own.
    const nodes = Array.from({ length: count }, () => subscriber.duplicate())
    afterAll(() => nodes.forEach((node) => void node.disconnect()))
    return nodes.map((node) => redisChannel({ publisher: client, subscriber: node, prefix }))
  }
  for (const { name, run } of channelCases) test(name, () => run({ createNodes }))

  const all = choices.at(-1)
  const createStorage = async () =>
    withRedisCounters(memoryStorage({ clock }), {
      client,
      prefix: ownPrefix(),
      timeout: 10,
      ...all?.options,
    })
  const exceptions = { ...all?.exceptions, ...exceptionsInMemory }
  for (const { name, run } of storageCases)
    if (counted.test(name) && exceptions[name] === undefined)
      test(name, () => run({ createStorage, clock }))
}

const valkey = await serverUrl(inject('servers'), 'valkey')

describe.skipIf(valkey === undefined)('on Valkey', async () => {
  if (valkey === undefined) return
  const { client, end } = await connect(valkey)
  afterAll(end)
  works(client, client)
})

/** A Cluster of one node: it refuses whatever spans two slots, as any other does. */
async function startCluster(): Promise<{ readonly server: Server; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cluster-'))
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
  const server = await startOwnRedis({ args, cwd: folder })
  const { client, end } = await connect(server.url)
  await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  await end()
  return { server, folder }
}

const hasRedis = (await redisUrl()) !== undefined

describe.skipIf(!hasRedis)('on a Redis Cluster', async () => {
  if (!hasRedis) return
  const { server, folder } = await startCluster()
  const { hostname, port } = new URL(server.url)
  const client = new Cluster([{ host: hostname, port: Number(port) }], {
    clusterRetryStrategy: () => 50,
  })
  await once(client, 'ready')
  const subscriber = new Ioredis(server.url)
  afterAll(async () => {
    client.disconnect()
    subscriber.disconnect()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  works(client, subscriber)
})
