import { once } from 'node:events'
import type { RedisClient, RedisPublisher, RedisSubscriber } from '@countersign/redis'
import { serverUrl } from '@countersign/testkit'
import { Redis as Ioredis } from 'ioredis'
import { Redis as Ioredis5 } from 'ioredis5'
import { createClient } from 'redis'
import { createClient as createClient4 } from 'redis4'
import { inject } from 'vitest'

/** A client of one kind, and how to end it. */
export interface Connection {
  readonly client: RedisClient & RedisPublisher
  end(): Promise<unknown>
}

/** A client of the same kind that listens. */
export interface ListeningConnection {
  readonly client: RedisSubscriber
  end(): Promise<unknown>
}

/** One of the clients that the package works with. */
export interface ClientKind {
  readonly name: string
  connect(url: string): Promise<Connection>
  listen(url: string): Promise<ListeningConnection>
}

const QUIET = { retryStrategy: () => 20, maxRetriesPerRequest: null }

async function connectIoredis(Client: typeof Ioredis, url: string) {
  const client = new Client(url, QUIET)
  client.on('error', () => undefined)
  await once(client, 'ready')
  return { client, end: async () => client.disconnect() }
}

const ioredis5 = Ioredis5 as unknown as typeof Ioredis

async function connectNodeRedis(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } })
  client.on('error', () => undefined)
  await client.connect()
  return { client, end: async () => client.destroy() }
}

async function connectNodeRedis4(url: string) {
  const client = createClient4({ url, socket: { reconnectStrategy: () => 20 } })
  client.on('error', () => undefined)
  await client.connect()
  return { client, end: () => client.disconnect() }
}

/** Every client that the package works with, the newest of each family first. */
export const clientKinds: readonly ClientKind[] = [
  {
    name: 'ioredis 6',
    connect: (url) => connectIoredis(Ioredis, url),
    listen: (url) => connectIoredis(Ioredis, url),
  },
  { name: 'node-redis 6', connect: connectNodeRedis, listen: connectNodeRedis },
  {
    name: 'ioredis 5',
    connect: (url) => connectIoredis(ioredis5, url),
    listen: (url) => connectIoredis(ioredis5, url),
  },
  { name: 'node-redis 4', connect: connectNodeRedis4, listen: connectNodeRedis4 },
]

/** Where the Redis of this run is; undefined where there is none, and its tests are skipped. */
export function redisUrl(): Promise<string | undefined> {
  return serverUrl(inject('servers'), 'redis')
}

/** An ioredis for a test to do with what it wants. */
export function connect(url: string): Promise<{ client: Ioredis; end(): Promise<void> }> {
  return connectIoredis(Ioredis, url)
}

let count = 0

/** What nobody else's keys begin with. */
export function ownPrefix(): string {
  count += 1
  return `test:${process.pid}:${Date.now().toString(36)}:${count}`
}
