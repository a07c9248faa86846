import { postgresStorage } from '@countersign/postgres'
import type pg from 'pg'
import type { Contest } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { inFlight, inTurn } from '../harness/timed.ts'
import { createBetterAuthKeys } from '../peers/better-auth-keys.ts'
import { createBench, mintStaticToken, SOURCE } from '../workload/engine.ts'
import type { Traffic } from '../workload/postgres.ts'
import { counting, openPool, openPostgres } from '../workload/postgres.ts'

const WIDTH = 32
const TOKENS = 64
const PEER = 'better-auth'
const PEER_COUNTED = 'better-auth, with remaining uses'
const READ = 'countersign, read'
const COUNTED = 'countersign, strictly counted'

/** Static tokens as API keys on Postgres, each request asked anew, beside better-auth on the same server. */
export async function contests(): Promise<readonly Contest[]> {
  const { pool, url, atEnd } = await openPostgres(WIDTH)
  const sent: Traffic = { statements: 0, commits: 0 }
  const ours = await createTokens(pool, sent)
  const theirs = openPool(url, WIDTH)
  atEnd(() => theirs.end())
  const plain = await createBetterAuthKeys(TOKENS, { pool: theirs })
  const counted = await createBetterAuthKeys(TOKENS + 1, {
    pool: theirs,
    remaining: 1_000_000_000,
  })
  const verifying = (name: string, keys: readonly string[], verify: typeof plain.verify) =>
    inFlight(name, { width: WIDTH, next: inTurn(keys) }, verify)
  return [
    {
      title: `An API key on Postgres, uncached, ${WIDTH} in flight, on the wall`,
      unit: 'µs',
      contenders: [
        verifying(READ, ours.unlimited, ours.authenticate),
        verifying(COUNTED, ours.limited, ours.authenticate),
        verifying(PEER, plain.keys, plain.verify),
        verifying(PEER_COUNTED, counted.keys, counted.verify),
      ],
      goals: [
        atLeast('G6b', READ, PEER, 8),
        atLeast('G6b', COUNTED, PEER, 6),
        atLeast('(G6b)', COUNTED, PEER_COUNTED, 6),
      ],
    },
    statementsOf(ours, sent),
  ]
}

interface Tokens {
  readonly unlimited: readonly string[]
  readonly limited: readonly string[]
  readonly authenticate: (token: string) => Promise<unknown>
}

async function createTokens(pool: pg.Pool, sent: Traffic): Promise<Tokens> {
  const storage = postgresStorage({ pool: counting(pool, sent), timeout: 30 })
  const usual = { cacheTtl: 0, rateLimits: 'off', storage } as const
  const { countersign, identities } = await createBench({ ...usual, accounts: 2 * TOKENS })
  const unlimited: string[] = []
  const limited: string[] = []
  for (const [place, account] of identities.entries())
    if (place % 2 === 0) unlimited.push(await mintStaticToken(countersign, account))
    else limited.push(await mintStaticToken(countersign, account, { maxUses: 1_000_000_000 }))
  return {
    unlimited,
    limited,
    authenticate: (token) => countersign.authenticate(token, SOURCE),
  }
}

function statementsOf({ unlimited, limited, authenticate }: Tokens, sent: Traffic): Contest {
  const [read, counted] = ['statements of a read', 'statements of a strictly counted use']
  const of = (name: string, tokens: readonly string[]) => ({
    name,
    async sample() {
      const before = sent.statements
      for (const token of tokens) await authenticate(token)
      return (sent.statements - before) / tokens.length
    },
  })
  return {
    title: 'Statements for an API key on Postgres',
    unit: 'calls',
    mostRounds: 3,
    contenders: [{ name: 'one', sample: async () => 1 }, of(read, unlimited), of(counted, limited)],
    goals: [atMost('G6b', read, 'one', 1), atMost('G6b', counted, 'one', 1)],
  }
}
