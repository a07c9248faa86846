import { postgresStorage } from '@countersign/postgres'
import type pg from 'pg'
import type { Contest } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { inFlight, inTurn } from '../harness/timed.ts'
import type { Account } from '../workload/engine.ts'
import { createBench, logIn } from '../workload/engine.ts'
import { openPostgres } from '../workload/postgres.ts'

const WIDTH = 64
const LIMIT = 1_000_000_000
const ADAPTER = 'adapter'
const RAW = 'pg, named statement'

/** What the adapter adds to the driver: one row by its key, and one guarded count, on the very same tables. */
export async function contests(): Promise<readonly Contest[]> {
  const { pool } = await openPostgres(32)
  const storage = postgresStorage({ pool, timeout: 30 })
  const usual = { rateLimits: 'off', maxUses: LIMIT, storage } as const
  const { countersign, identities } = await createBench({ ...usual, accounts: 256 })
  for (const account of identities) await logIn(countersign, account)
  const next = { width: WIDTH, next: inTurn(identities) }
  const sessions = { width: WIDTH, next: inTurn(await sessionsOf(pool)) }
  return [
    {
      title: `One row by its key on Postgres, ${WIDTH} in flight, on the wall`,
      unit: 'µs',
      contenders: [
        inFlight(RAW, next, (account) => readRaw(pool, account)),
        inFlight(ADAPTER, next, ({ organization, identity }) =>
          storage.identities.find(organization, identity),
        ),
      ],
      goals: [atMost('G10', ADAPTER, RAW, 1.25)],
    },
    {
      title: `One guarded count on Postgres, ${WIDTH} in flight, on the wall`,
      unit: 'µs',
      contenders: [
        inFlight(RAW, sessions, (session) => countRaw(pool, session)),
        inFlight(ADAPTER, sessions, (session) => storage.tokens.spend(session, LIMIT, [])),
      ],
      goals: [atMost('G10', ADAPTER, RAW, 1.25)],
    },
  ]
}

async function readRaw(pool: pg.Pool, { organization, identity }: Account): Promise<unknown> {
  const text = `SELECT record, last_login_at FROM countersign.identities WHERE id = $1 AND organization = $2`
  const { rows } = await pool.query({ name: 'raw_read', text, values: [identity, organization] })
  return rows[0].record
}

interface Session {
  readonly organization: string
  readonly identity: `idn_${string}`
  readonly authMethod: `amt_${string}`
  readonly session: string
}

async function sessionsOf(pool: pg.Pool): Promise<readonly Session[]> {
  const { rows } = await pool.query<Session>(
    `SELECT organization, identity, auth_method AS "authMethod", session FROM countersign.use_counts`,
  )
  return rows
}

async function countRaw(pool: pg.Pool, { organization, session }: Session): Promise<unknown> {
  const text = `UPDATE countersign.use_counts SET uses = uses + 1
    WHERE organization = $1 AND session = $2 AND uses < $3 RETURNING uses`
  const values = [organization, session, LIMIT]
  const { rowCount } = await pool.query({ name: 'raw_count', text, values })
  if (rowCount !== 1) throw new Error('Nothing was counted')
  return rowCount
}
