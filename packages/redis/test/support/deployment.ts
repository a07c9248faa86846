import { randomBytes } from 'node:crypto'
import type { Countersign } from '@countersign/core'
import type { Seconds } from '@countersign/core/plugin'
import { isCountersignError, later } from '@countersign/core/plugin'
import type { Runtime } from '@countersign/core/runtime'
import { createCountersignWith, systemRuntime } from '@countersign/core/runtime'
import { postgresStorage } from '@countersign/postgres'
import type { IoredisClient } from '@countersign/redis'
import { redisChannel, redisRateLimiter, withRedisCounters } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import type { Pool } from 'pg'

/** One node of a deployment that counts and pushes in Redis. */
export interface Node {
  readonly countersign: Countersign
  /** Commands that were handed to the client so far. */
  asked(): number
  /** Moves this node's clock on. */
  advance(by: Seconds): void
  close(): Promise<void>
}

/** What the nodes of one deployment share. */
export interface DeploymentOptions {
  readonly pool: Pool
  readonly redis: string
  readonly prefix: string
  readonly rootKey?: string
}

export const HOME = { address: '192.0.2.1' }
export const ROOT_KEY = randomBytes(32).toString('base64url')

/** Starts a node: everything that can be counted in Redis is, and what another node changes is heard through it. */
export async function startNode(options: DeploymentOptions): Promise<Node> {
  const { pool, prefix, rootKey = ROOT_KEY } = options
  const clients = [clientOf(options.redis), clientOf(options.redis)] as const
  const [commands, subscriber] = clients
  let ahead = 0
  const clock = (): Date => later(systemRuntime.clock(), ahead)
  const runtime: Runtime = { ...systemRuntime, clock }
  const counted = counting(commands)
  // Longer than usual: a machine that is busy is no Redis that is away.
  const redis = { client: counted.client, prefix, runtime, timeout: 0.5 }
  const countersign = createCountersignWith(runtime, {
    issuer: 'https://id.example.com',
    rootKeys: [rootKey],
    storage: withRedisCounters(postgresStorage({ pool, timeout: 10 }), {
      ...redis,
      lockouts: true,
      tokenUses: true,
      replayMarks: true,
    }),
    rateLimiter: redisRateLimiter(redis),
    channel: redisChannel({ publisher: commands, subscriber, prefix, runtime, timeout: 0.5 }),
  })
  await countersign.ready()
  const stop = new AbortController()
  const running = countersign.run({ signal: stop.signal })
  return {
    countersign: countersign as unknown as Countersign,
    asked: counted.asked,
    advance(by) {
      ahead += by
    },
    async close() {
      stop.abort()
      await running
      for (const client of clients) client.disconnect()
    },
  }
}

function clientOf(url: string): Ioredis {
  const client = new Ioredis(url, { retryStrategy: () => 50 })
  client.on('error', () => undefined)
  return client
}

function counting(client: Ioredis): { readonly client: IoredisClient; asked(): number } {
  let count = 0
  return {
    asked: () => count,
    client: {
      evalsha(sha, keys, ...values) {
        count += 1
        return client.evalsha(sha, keys, ...values)
      },
      eval: (text, keys, ...values) => client.eval(text, keys, ...values),
      on: (event, listener) => client.on(event, listener),
    },
  }
}

/** What became of a call: `ok`, or its code. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (isCountersignError(error)) return error.code
    throw error
  }
}

/** Somebody who may log in. */
export interface Account {
  readonly organization: string
  readonly identity: string
  readonly clientSecret: string
}

/** Registers somebody with one client secret, and tokens of so many uses. */
export async function register(
  { countersign }: Pick<Node, 'countersign'>,
  name: string,
  maxUses?: number,
): Promise<Account> {
  const host = countersign.asHost('test')
  const { id: organization } = await host.organizations.ensure({ id: 'acme', name: 'Acme' })
  const tokenPolicy = maxUses === undefined ? {} : { tokenPolicy: { maxUses } }
  const authMethod = { method: 'universal', ...tokenPolicy } as const
  const { identity } = await host.identities.create({ organization, name, authMethod })
  const key = { organization, identity: identity.id }
  const { clientSecret } = await host.clientSecrets.create(key)
  return { organization, identity: identity.id, clientSecret }
}

/** Logs in, with the right secret unless another one is given. */
export function logIn(
  { countersign }: Pick<Node, 'countersign'>,
  { identity, clientSecret }: Account,
  secret: string = clientSecret,
) {
  const credential = { clientSecret: secret }
  return countersign.login({ method: 'universal', identity, credential }, HOME)
}

/** A secret of the right form that is nobody's. */
export function wrongSecret({ clientSecret }: Account): string {
  return clientSecret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
}
