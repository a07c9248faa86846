import { randomBytes } from 'node:crypto'
import { startOwnRedis } from '../../../packages/testkit/src/redis.ts'
import type { Contender, Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import type { Node, NodeSettings } from '../workload/nodes.ts'
import { startNode } from '../workload/nodes.ts'
import { openPostgres } from '../workload/postgres.ts'

const [ONE, TWO] = ['one process', 'two processes']
const PROMISED = 'promised: 50 ms'

/** Two processes of one deployment beside one, and how late one of them knows what the other took away. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const { url: database } = await openPostgres(2)
  const redis = await startOwnRedis()
  process.once('disconnect', () => void redis.stop())
  const shared = { database, redis: redis.url, rootKey: randomBytes(32).toString('base64url') }
  const byRedis = await startPair({ ...shared, channel: 'redis' })
  const byPostgres = await startPair({ ...shared, channel: 'postgres' })
  const revocations = quick ? 2 : 20
  return [
    {
      title: 'Hot authenticate() by processes of one deployment, on the wall',
      unit: 'µs',
      contenders: working('authenticate', byRedis),
      goals: [atLeast('G1', TWO, ONE, 1.6)],
    },
    {
      title: 'Logins on Postgres by processes of one deployment, 64 in flight each, on the wall',
      unit: 'µs',
      mostRounds: 7,
      contenders: working('login', byRedis),
      goals: [],
    },
    {
      title: `Until a process that authenticates without pause refuses what another one revoked, slowest of ${revocations}`,
      unit: 'ms',
      mostRounds: 7,
      contenders: [
        { name: PROMISED, sample: async () => 50 },
        slowest('by Redis', byRedis, revocations),
        slowest('by Postgres', byPostgres, revocations),
      ],
      goals: [atMost('G1', 'by Redis', PROMISED, 1), atMost('G1', 'by Postgres', PROMISED, 1)],
    },
  ]
}

type Pair = readonly [Node, Node]

async function startPair(settings: Omit<NodeSettings, 'organization'>): Promise<Pair> {
  const start = async (place: string): Promise<Node> => {
    const node = await startNode({ ...settings, organization: `${settings.channel}-${place}` })
    await node.ask({ kind: 'logEverybodyIn' })
    return node
  }
  return [await start('one'), await start('two')]
}

function working(kind: 'authenticate' | 'login', [first, second]: Pair): readonly Contender[] {
  const measuredOn =
    (nodes: readonly Node[]): Contender['sample'] =>
    async (milliseconds) => {
      const began = performance.now()
      const done = await Promise.all(
        nodes.map((node) => node.ask<number>({ kind, milliseconds: milliseconds * LONGER })),
      )
      return ((performance.now() - began) * 1000) / done.reduce((sum, count) => sum + count, 0)
    }
  return [
    { name: ONE, sample: measuredOn([first]) },
    { name: TWO, sample: measuredOn([first, second]) },
  ]
}

/** A process is told, and what it did is counted: that takes a while beside which the telling is nothing. */
const LONGER = 10

/** What is measured ends when this process was told of the refusal, and so is never too short. */
function slowest(name: string, [revoking, watching]: Pair, revocations: number): Contender {
  return {
    name,
    async sample() {
      const tokens = await revoking.ask<readonly string[]>({ kind: 'logEverybodyIn' })
      let most = 0
      for (const token of tokens.slice(0, revocations)) {
        await watching.ask({ kind: 'watch', token })
        const refused = watching.said()
        await revoking.ask({ kind: 'revoke', token })
        const began = performance.now()
        await refused
        most = Math.max(most, performance.now() - began)
      }
      return most
    },
  }
}
