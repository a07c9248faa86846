// One node of a deployment in a process of its own: does what it is told by messages, and answers what came of it.

import type { InvalidationChannel, Storage } from '@countersign/core/plugin'
import { isCountersignError } from '@countersign/core/plugin'
import { createCountersignWith, systemRuntime } from '@countersign/core/runtime'
import { jwt } from '@countersign/oidc'
import { postgresChannel, postgresStorage } from '@countersign/postgres'
import { redisChannel, withRedisCounters } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import pg from 'pg'
import { withNaiveCache } from '../support/naive-cache.ts'
import { withOwnMarks } from '../support/own-marks.ts'
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
  marks = 'storage',
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
const counted =
  counters || marks === 'redis'
    ? withRedisCounters(postgres, {
        client: client(),
        prefix,
        timeout,
        lockouts: counters,
        tokenUses: counters,
        replayMarks: marks === 'redis',
      })
    : postgres
const marked = marks === 'own' ? withOwnMarks(counted) : counted
const storage = naive === undefined ? marked : await withNaiveCache(marked, { ...naive, channel })
const countersign = createCountersignWith(runtime, {
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage,
  cacheTtl,
  rateLimits: 'off',
  verifiers: [jwt({ egress: { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true } })],
  ...(naive === undefined && { channel }),
})
await countersign.ready()
if (settings.clock === undefined) void countersign.run({ signal: new AbortController().signal })

const source = { address: '192.0.2.1' }
const host = countersign.asHost('test') as unknown as Record<
  string,
  Record<string, (input: unknown) => Promise<unknown>>
>

/** Lets an identity log in by a token, and answers what came of it. */
async function present(identity: string, token: string): Promise<string> {
  try {
    await countersign.login({ method: 'jwt', identity, credential: { token } }, source)
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? `${error.code} ${error.reason ?? ''}`.trim() : String(error)
  }
}

/** The same token under a key that its issuer may never have had. */
function underAnotherKey(token: string, name: string): string {
  const [header = '', ...rest] = token.split('.')
  const claimed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), kid: name }
  return [Buffer.from(JSON.stringify(claimed)).toString('base64url'), ...rest].join('.')
}

async function presentAll(
  identity: string,
  tokenOf: (index: number) => string,
  count: number,
): Promise<Readonly<Record<string, number>>> {
  const outcomes: Record<string, number> = {}
  let next = 0
  const presentNext = async (): Promise<void> => {
    while (next < count) {
      next += 1
      const outcome = await present(identity, tokenOf(next))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, presentNext))
  return outcomes
}

async function obey({ verb, values }: Command): Promise<unknown> {
  const [first = '', second = '', third] = values as readonly string[]
  if (verb === 'present') return presentAll(first, () => second, Number(third))
  if (verb === 'flood') {
    const tokenOf = (index: number) => underAnotherKey(second, `${process.pid}-${index}`)
    return presentAll(first, tokenOf, Number(third))
  }
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
