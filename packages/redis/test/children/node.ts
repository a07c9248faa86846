// One node of a deployment in a process of its own: does what it is told by messages, and answers what came of it.

import type { InvalidationChannel, Storage } from '@countersign/core/plugin'
import { isCountersignError } from '@countersign/core/plugin'
import { createCountersignWith, systemRuntime } from '@countersign/core/runtime'
import { postgresChannel, postgresStorage } from '@countersign/postgres'
import { redisChannel, withRedisCounters } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import pg from 'pg'
import { withNaiveCache } from '../support/naive-cache.ts'
import type { Answer, Command, NodeSettings } from '../support/processes.ts'

const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings
const {
  database,
  redis,
  prefix,
  rootKey,
  cacheTtl,
  counters = false,
  naive,
  timeout = 0.1,
} = settings
const pool = new pg.Pool({ connectionString: database, max: 8 })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))

function client(): Ioredis {
  const connection = new Ioredis(redis, { retryStrategy: () => 50 })
  connection.on('error', () => undefined)
  return connection
}

function openChannel(): InvalidationChannel | undefined {
  if (settings.channel === 'postgres') return postgresChannel({ pool })
  if (settings.channel === 'none') return undefined
  return redisChannel({ publisher: client(), subscriber: client(), prefix })
}

let advanced = 0

/** Time by hand, as the storage says it and as this node's own clock shows it. */
function byHand(base: Storage, { authority, skew }: NonNullable<NodeSettings['clock']>) {
  const shown = (ahead: number): Date => new Date(Date.parse(authority) + (advanced + ahead) * 1000)
  return {
    storage: { ...base, now: async () => shown(0) },
    runtime: { ...systemRuntime, clock: () => shown(skew) },
  }
}

const stored = postgresStorage({ pool })
const { storage: postgres, runtime } = settings.clock
  ? byHand(stored, settings.clock)
  : { storage: stored, runtime: systemRuntime }
const channel = openChannel()
const counted = counters
  ? withRedisCounters(postgres, {
      client: client(),
      prefix,
      timeout,
      lockouts: true,
      tokenUses: true,
    })
  : postgres
const storage = naive === undefined ? counted : await withNaiveCache(counted, { ...naive, channel })
const countersign = createCountersignWith(runtime, {
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage,
  cacheTtl,
  rateLimits: 'off',
  ...(naive === undefined && { channel }),
})
await countersign.ready()
if (settings.clock === undefined) void countersign.run({ signal: new AbortController().signal })

const source = { address: '192.0.2.1' }
const host = countersign.asHost('test') as unknown as Record<
  string,
  Record<string, (input: unknown) => Promise<unknown>>
>

async function obey({ verb, values }: Command): Promise<unknown> {
  const [first = '', second = ''] = values as readonly string[]
  if (verb === 'login') {
    const request = { method: 'universal', identity: first, credential: { clientSecret: second } }
    return (await countersign.login(request as never, source)).accessToken
  }
  if (verb === 'authenticate') {
    const principal = await countersign.authenticate(first, source)
    const holder = principal as unknown as { can(permission: string): boolean }
    return second === '' ? undefined : holder.can(second)
  }
  if (verb === 'renew') return (await countersign.renew(first, source)).accessToken
  if (verb === 'memory') {
    globalThis.gc?.()
    return process.memoryUsage().rss
  }
  if (verb === 'advance') {
    advanced += values[0] as number
    return undefined
  }
  if (verb === 'revoke') return countersign.revoke(first, source)
  const [store = '', call = ''] = first.split('.')
  const made = await host[store]?.[call]?.(values[1])
  if (store !== 'clientSecrets' || call !== 'create') return made
  // A secret is no part of what its record looks like.
  const { id, clientSecret } = made as { readonly id: string; readonly clientSecret: string }
  return { id, clientSecret }
}

process.on('message', async (command: Command) => {
  process.send?.(await answer(command))
})

async function answer(command: Command): Promise<Answer> {
  try {
    return { id: command.id, outcome: 'ok', value: await obey(command) }
  } catch (error) {
    const outcome = isCountersignError(error) ? error.code : String(error)
    const reason = error instanceof Error ? String(error.cause ?? error) : String(error)
    return { id: command.id, outcome, value: reason }
  }
}

process.on('disconnect', () => process.exit())
process.send?.('ready')
