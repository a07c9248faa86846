// One node of a deployment in a process of its own: works as hard as it can when it is told, and says what it saw.

import type { InvalidationChannel } from '@countersign/core'
import { postgresChannel, postgresStorage } from '@countersign/postgres'
import { redisChannel } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import type { Account, Bench } from '../workload/engine.ts'
import { createBench, logEverybodyIn, logIn, SOURCE } from '../workload/engine.ts'
import type { NodeOrder, NodeSettings } from '../workload/nodes.ts'
import { openPool } from '../workload/postgres.ts'

const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings
const pool = openPool(settings.database, 16)

function openChannel(): InvalidationChannel {
  if (settings.channel === 'postgres') return postgresChannel({ pool })
  const [publisher, subscriber] = [new Ioredis(settings.redis), new Ioredis(settings.redis)]
  return redisChannel({ publisher, subscriber })
}

const bench: Bench = await createBench({
  accounts: 64,
  organization: settings.organization,
  rootKey: settings.rootKey,
  storage: postgresStorage({ pool, timeout: 30 }),
  channel: openChannel(),
  rateLimits: 'off',
})
const { countersign, identities } = bench
const stop = new AbortController()
void countersign.run({ signal: stop.signal })
let tokens: readonly string[] = []

/** Goes on until somebody says that it is enough; between two rounds whatever has arrived is read. */
async function busy(round: () => Promise<number>, enough: () => boolean): Promise<number> {
  let done = 0
  while (!enough()) {
    done += await round()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

async function authenticateAll(): Promise<number> {
  for (const token of tokens) await countersign.authenticate(token, SOURCE)
  return tokens.length
}

async function logAllIn(): Promise<number> {
  await Promise.all(identities.map((account: Account) => logIn(countersign, account)))
  return identities.length
}

async function during(milliseconds: number, round: () => Promise<number>): Promise<number> {
  const began = performance.now()
  return busy(round, () => performance.now() - began > milliseconds)
}

/** Authenticates everybody until one token, which was good, is refused. */
async function untilRefused(token: string): Promise<'refused'> {
  let isRefused = false
  await countersign.authenticate(token, SOURCE)
  process.send?.('watching')
  await busy(
    async () => {
      const answer = await countersign.tryAuthenticate(token, SOURCE)
      isRefused = answer instanceof Error
      return authenticateAll()
    },
    () => isRefused,
  )
  return 'refused'
}

async function obey(order: NodeOrder): Promise<unknown> {
  if (order.kind === 'authenticate') return during(order.milliseconds, authenticateAll)
  if (order.kind === 'login') return during(order.milliseconds, logAllIn)
  if (order.kind === 'watch') return untilRefused(order.token)
  if (order.kind === 'revoke') return (await countersign.revoke(order.token, SOURCE)) ?? 'revoked'
  tokens = await logEverybodyIn(bench)
  return tokens
}

process.on('message', async (order: NodeOrder) => process.send?.(await obey(order)))
process.on('disconnect', () => process.exit())
process.send?.('ready')
