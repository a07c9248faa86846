import { randomBytes } from 'node:crypto'
import { postgresStorage } from '@countersign/postgres'
import type pg from 'pg'
import type { Contender, Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { inFlight, inTurn } from '../harness/timed.ts'
import { createGuardedLogin } from '../peers/guarded-login.ts'
import { createReferenceLogin } from '../peers/reference-login.ts'
import type { Bench } from '../workload/engine.ts'
import { createBench, logIn, SOURCE, TEN_NETWORKS } from '../workload/engine.ts'
import type { Traffic } from '../workload/postgres.ts'
import { counting, openPostgres, writtenTransactions } from '../workload/postgres.ts'

const WIDTH = 32
const ACCOUNTS = 64
const UNLIMITED = 1_000_000_000
const GUARDED = 'one guarded statement + raw signature'
const MODEL = 'the reference model'
const UNSLOWED = 'the reference model, sha256 for bcrypt'

/** A login on Postgres: with a limit on secret and token, so that both are counted, networks, lockout and an event. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const { pool, url, atEnd } = await openPostgres(WIDTH)
  const bench = await openBench(pool)
  const guarded = await createGuardedLogin(pool, ACCOUNTS)
  const model = { count: quick ? WIDTH : ACCOUNTS, cost: quick ? 4 : 10, width: WIDTH }
  const reference = await createReferenceLogin(url, model)
  atEnd(reference.close)
  const slow = { width: WIDTH, next: inTurn(reference.accounts) }
  return [
    {
      title: `A login on Postgres, EdDSA, ${WIDTH} in flight, on the wall`,
      unit: 'µs',
      contenders: [
        inFlight(GUARDED, { width: WIDTH, next: inTurn(guarded.accounts) }, guarded.login),
        loggingIn('countersign', bench),
        inFlight(UNSLOWED, slow, reference.logIn('sha256')),
        inFlight(MODEL, slow, reference.logIn('bcrypt')),
      ],
      goals: [
        atMost('G5', 'countersign', GUARDED, 2),
        atLeast('G5', 'countersign', MODEL, 70),
        atLeast('G5', 'countersign', UNSLOWED, 7),
      ],
    },
    await spread(pool, bench),
    await traffic(pool),
  ]
}

function openBench(pool: pg.Pool, organizations = 1): Promise<Bench> {
  const prefix = organizations === 1 ? 'one' : 'many'
  return createBench({
    accounts: ACCOUNTS,
    organization: prefix,
    organizations,
    rateLimits: 'off',
    maxUses: UNLIMITED,
    loginSources: TEN_NETWORKS,
    rootKey: ROOT_KEY,
    storage: postgresStorage({ pool, timeout: 30 }),
  })
}

/** All engines of this database are nodes of one deployment. */
const ROOT_KEY = randomBytes(32).toString('base64url')

function loggingIn(name: string, { countersign, identities }: Bench): Contender {
  const inputs = { width: WIDTH, next: inTurn(identities) }
  return inFlight(name, inputs, (account) => logIn(countersign, account))
}

/** Logins of one organization must not queue on each other: spread over many, they are no faster. */
async function spread(pool: pg.Pool, bench: Bench): Promise<Contest> {
  const many = await openBench(pool, ACCOUNTS)
  const [one, each] = ['all of one organization', 'each of another organization']
  return {
    title: `A login on Postgres, ${WIDTH} in flight, on the wall`,
    unit: 'µs',
    contenders: [loggingIn(one, bench), loggingIn(each, many)],
    goals: [atMost('G5', one, each, 1.25)],
  }
}

const SAMPLE = 50

/** What logins and requests send, counted at the driver, and what of it the server counts as written. */
async function traffic(pool: pg.Pool): Promise<Contest> {
  const sent: Traffic = { statements: 0, commits: 0 }
  const storage = postgresStorage({ pool: counting(pool, sent), timeout: 30 })
  const usual = { accounts: 8, rateLimits: 'off', rootKey: ROOT_KEY, storage } as const
  const limits = { maxUses: UNLIMITED, loginSources: TEN_NETWORKS }
  const logins = await createBench({ ...usual, ...limits, organization: 'counted' })
  const cold = await createBench({ ...usual, organization: 'cold', cacheTtl: 0 })
  const warm = await createBench({ ...usual, organization: 'warm', cacheTtl: 60 })
  const login = inTurn(logins.identities)
  const tokenOf = await Promise.all([cold, warm].map(tokenOfOne))
  const shown =
    ({ countersign }: Bench, place: number) =>
    (): Promise<unknown> =>
      countersign.authenticate(tokenOf[place] ?? '', SOURCE)
  const per = (name: string, act: () => Promise<unknown>, count: Count) => ({
    name,
    sample: () => averageOf(act, count),
  })
  const logInOnce = (): Promise<unknown> => logIn(logins.countersign, login())
  const statements = async (): Promise<number> => sent.statements
  return {
    title: 'Round trips and commits on Postgres',
    unit: 'calls',
    mostRounds: 3,
    contenders: [
      { name: 'one', sample: async () => 1 },
      per('round trips of a login', logInOnce, statements),
      per('commits of a login', logInOnce, async () => sent.commits),
      per('commits of a login, as the server counts them', logInOnce, () =>
        writtenTransactions(pool),
      ),
      per('round trips of authenticate(), cold', shown(cold, 0), statements),
      per('round trips of authenticate(), warm', shown(warm, 1), statements),
    ],
    goals: [
      atMost('G5', 'round trips of a login', 'one', 2),
      atMost('G5', 'commits of a login', 'one', 1),
      atMost('G5', 'commits of a login, as the server counts them', 'one', 1),
      atMost('G5', 'round trips of authenticate(), cold', 'one', 1),
      atMost('G5', 'round trips of authenticate(), warm', 'one', 0),
    ],
  }
}

type Count = () => Promise<number>

async function averageOf(act: () => Promise<unknown>, count: Count): Promise<number> {
  await act()
  const before = await count()
  for (let done = 0; done < SAMPLE; done += 1) await act()
  return ((await count()) - before) / SAMPLE
}

async function tokenOfOne({ countersign, identities }: Bench): Promise<string> {
  const [account] = identities
  if (account === undefined) throw new Error('There is no account')
  return logIn(countersign, account)
}
