import assert from 'node:assert/strict'
import type { PostgresPool } from '@countersign/postgres'
import { postgresStorage } from '@countersign/postgres'
import type pg from 'pg'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { preparePlan } from '../scale/plans.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aWorkload, logIn, source } from '../support/engine.ts'

const database = await openDatabase()
const soak = process.env['COUNTERSIGN_SOAK'] === '1'
/** Rows of each table that are past their end; `pnpm scale` has ten million. */
const EXPIRED = soak ? 500_000 : 10_000
const MOST_AT_ONCE = 5000
const TABLES = ['counters', 'known_sources', 'use_counts', 'revocations', 'once', 'credentials']
const patience = soak ? 1_800_000 : 120_000

describe.skipIf(database === undefined)('what is past its end', () => {
  if (database === undefined) return
  const { pool } = database
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  /** An engine that has a workload, and an ear at what it asks. */
  async function aHeardEngine() {
    const asked: pg.QueryConfig[] = []
    const storage = postgresStorage({ pool: hearing(pool, asked), timeout: 60 })
    const countersign = await anEngine(pool, { storage })
    const workload = await aWorkload(countersign, { lockout: true, tokenUses: 1000 })
    return { asked, storage, countersign, workload }
  }

  async function pileUp(identity: string, from: number, to: number): Promise<void> {
    for (const text of pilesOf(identity)) await pool.query(text, [from, to])
    await pool.query('VACUUM ANALYZE')
  }

  async function expiredRows(): Promise<number> {
    const counts = TABLES.map(
      (table) => `(SELECT count(*) FROM countersign.${table} WHERE ${table}::text LIKE '%gone%')`,
    )
    const { rows } = await pool.query(`SELECT (${counts.join(' + ')})::int AS count`)
    return rows[0]?.count
  }

  test(
    'DOS-011 costs logins and requests not one page more',
    async () => {
      const { asked, countersign, workload } = await aHeardEngine()

      /** What one login, one failure, one request, one renewal and one revocation look at. */
      async function pagesOf(): Promise<Readonly<Record<string, number>>> {
        asked.length = 0
        const token = await logIn(countersign, workload)
        await countersign.authenticate(token, source)
        const { accessToken } = await countersign.renew(token, source)
        await countersign.revoke(accessToken, source)
        const wrong = { ...workload, clientSecret: `${workload.clientSecret}x` }
        await assert.rejects(logIn(countersign, wrong), { code: 'invalid_credential' })
        const pages: Record<string, number> = {}
        for (const [place, { text, values = [] }] of [...asked].entries()) {
          const client = await pool.connect()
          const plan = await preparePlan(client, { text, values })
          const { scanned, pages: seen } = await plan.run('generic')
          client.release(true)
          assert.deepEqual(
            scanned.filter((table) => TABLES.includes(table)),
            [],
            text,
          )
          pages[`${place}`] = seen
        }
        return pages
      }

      await pileUp(workload.identity, 1, EXPIRED)
      const few = await pagesOf()
      await pileUp(workload.identity, EXPIRED + 1, 4 * EXPIRED)
      const many = await pagesOf()
      assert.deepEqual(Object.keys(many), Object.keys(few))
      // Four times the rows are a level of a tree at the most; this is room for one in each that is looked at.
      for (const [place, pages] of Object.entries(many))
        assert.ok(pages <= 2 * (few[place] ?? 0) + 8, `${place}: ${few[place]} and then ${pages}`)
    },
    patience,
  )

  test(
    'DOS-011 is purged in small batches, while logins go on, past rows that somebody holds',
    async () => {
      const { asked, storage, countersign, workload } = await aHeardEngine()
      await pileUp(workload.identity, 1, EXPIRED)
      const holder = await pool.connect()
      await holder.query('BEGIN')
      await holder.query(`SELECT 1 FROM countersign.revocations WHERE id = 'gone-1' FOR UPDATE`)
      asked.length = 0
      let left = true
      let passes = 0
      while (left) {
        passes += 1
        const [{ done }] = await Promise.all([
          countersign.maintain(),
          passes % 20 === 0 && logIn(countersign, workload),
        ])
        left = !done
      }
      const deleted = asked.filter(({ text }) => /SKIP LOCKED/.test(text) && /DELETE/.test(text))
      const limits = deleted.map(({ values = [] }) => Number(values[1]))
      assert.ok(limits.length > 0 && Math.max(...limits) <= MOST_AT_ONCE)
      assert.ok(passes >= (TABLES.length * EXPIRED) / MOST_AT_ONCE, `${passes} passes`)
      assert.equal(await expiredRows(), 1)
      await holder.query('ROLLBACK')
      holder.release()
      assert.equal(await storage.sweep(new Date(), 100), 1)
      assert.equal(await expiredRows(), 0)
      await logIn(countersign, workload)
    },
    patience,
  )
})

/** Rows that ended a year ago, in each table that has an end, as many as $1 to $2. */
function pilesOf(identity: string): readonly string[] {
  const ended = Date.now() - 365 * 86_400_000
  const of = (into: string, values: string): string =>
    `INSERT INTO countersign.${into} SELECT ${values} FROM generate_series($1::bigint, $2::bigint) AS n`
  return [
    of(
      'counters (organization, identity, method, class, failures, locked, expires_at, counted)',
      `'acme', 'gone-' || n, 'universal', 'strangers', 1, false, ${ended}, true`,
    ),
    of(
      'known_sources (organization, identity, method, source, since, until)',
      `'acme', 'gone-' || n, 'universal', '192.0.2.1', ${ended}, ${ended}`,
    ),
    of(
      'use_counts (organization, session, identity, auth_method, uses, until)',
      `'acme', 'gone-' || n, '${identity}', 'gone', 1, ${ended}`,
    ),
    of('revocations (organization, id, until)', `'acme', 'gone-' || n, ${ended}`),
    of('once (digest, until)', `sha256(('gone-' || n)::bytea), ${ended}`),
    of(
      `credentials (id, kind, organization, identity, auth_method, name, digest, root_key, uses,
        expires_at, created_at, record)`,
      `'gone-' || n, 'secret', 'acme', '${identity}',
        (SELECT id FROM countersign.auth_methods WHERE identity = '${identity}'),
        '', 'gone-' || n, 'gone', 0, ${ended}, ${ended}, '{}'`,
    ),
  ]
}

/** The pool itself, but for an ear at its connections. */
function hearing(pool: pg.Pool, asked: pg.QueryConfig[]): PostgresPool {
  return {
    async connect() {
      const connection = await pool.connect()
      return {
        query(query) {
          asked.push({ text: query.text, values: [...query.values] })
          return connection.query(query)
        },
        release: (error) => connection.release(error),
      }
    },
  }
}
