import { memoryStorage } from '@countersign/core'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import { redisRateLimiter, withRedisCounters } from '@countersign/redis'
import { Redis as Ioredis } from 'ioredis'
import { startOwnRedis } from '../../../packages/testkit/src/redis.ts'
import type { Contender, Contest } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { eachAwaited } from '../harness/timed.ts'

const BATCH = 64
const GET = 'ioredis, one GET'
const inputs = { next: () => Array.from({ length: BATCH }, (_, index) => index) }

type Act = (index: number) => Promise<unknown>

/** Decisions on Redis, one after the other, beside one GET by the same client on the same connection. */
export async function contests(): Promise<readonly Contest[]> {
  const server = await startOwnRedis()
  const client = new Ioredis(server.url)
  // At its end, and where a contender fails.
  for (const event of ['disconnect', 'exit'] as const)
    process.once(event, () => {
      client.disconnect()
      void server.stop()
    })
  const acts = await prepare(client)
  return [
    contestOf('Decisions on Redis, processor time of the client', 'µs', acts, eachInputAwaited),
    contestOf('Decisions on Redis, on the wall', 'µs', acts, onTheWall),
  ]
}

function contestOf(
  title: string,
  unit: Contest['unit'],
  acts: ReadonlyMap<string, Act>,
  measure: (name: string, act: Act) => Contender,
): Contest {
  const names = [...acts.keys()]
  return {
    title,
    unit,
    contenders: [...acts].map(([name, act]) => measure(name, act)),
    goals: names.filter((name) => name !== GET).map((name) => atMost('G11', name, GET, 1.6)),
  }
}

const eachInputAwaited = (name: string, act: Act): Contender => eachAwaited(name, inputs, act)

/** A contender in microseconds from question to answer. Who else is on the machine counts, for both alike. */
function onTheWall(name: string, act: Act): Contender {
  return {
    name,
    async sample(milliseconds) {
      const began = performance.now()
      let done = 0
      while (performance.now() - began < milliseconds) {
        await act(done)
        done += 1
      }
      return ((performance.now() - began) * 1000) / done
    },
  }
}

/** Who is counted, in a storage that answers at once: what is measured is what Redis adds to it. */
async function prepare(client: Ioredis): Promise<ReadonlyMap<string, Act>> {
  await client.set('bench', 'value')
  const limiter = redisRateLimiter({ client, timeout: 10 })
  const storage = withRedisCounters(memoryStorage(), {
    client,
    timeout: 10,
    lockouts: true,
    tokenUses: true,
  })
  const limit = { most: 1_000_000_000, window: 60 }
  const key = {
    organization: 'acme',
    identity: 'idn_1',
    method: 'ldap',
    class: 'strangers',
  } as const
  const policy = { ...DEFAULT_LOCKOUT, threshold: 1_000_000_000 }
  const session = {
    organization: 'acme',
    identity: 'idn_1',
    authMethod: 'amt_1',
    session: 'sid_1',
  } as const
  await openCount(client, session)
  return new Map<string, Act>([
    [GET, () => client.get('bench')],
    [
      'rate limits of one login',
      async () =>
        limiter.take(
          ['address', 'identity', 'credential'].map((name) => ({ key: name, limit })),
          new Date(),
        ),
    ],
    [
      'one strike',
      () => storage.logins.strike(key, policy, new Date(), { refused: [], locked: [] }),
    ],
    ['one use of a token', () => storage.tokens.spend(session, 1_000_000_000, [])],
  ])
}

/** Opens a count as a grant does, without a workload to grant it to. */
async function openCount(
  client: Ioredis,
  {
    organization,
    session,
    authMethod,
  }: Readonly<Record<'organization' | 'session' | 'authMethod', string>>,
): Promise<void> {
  const [, run = ''] = /run_id:(\w+)/.exec(await client.info('server')) ?? []
  const key = `countersign:1:{${organization}}:uses:${session}`
  await client.hset(key, { uses: '0', method: authMethod, run })
}
