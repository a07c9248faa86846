import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createCountersign } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'

const database = await openDatabase()
const isSoak = process.env['COUNTERSIGN_SOAK'] === '1'
const LOGINS = isSoak ? 1_000_000 : 20_000
const MOST_ROWS = isSoak ? 10_000 : 2000
/** Logins on their way at a time. */
const AT_ONCE = 64
const PATIENCE = isSoak ? 1_800_000 : 120_000

describe.skipIf(database === undefined)('garbage logins', () => {
  if (database === undefined) return
  const { pool } = database
  afterAll(() => database.drop())

  test(
    'login() leaves few rows, however often strangers fail, from a source each',
    async () => {
      const { countersign, identity } = await anEngine()
      const attempts = garbageFor(identity)
      const before = await rowsIn()
      let count = 0
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (; count < LOGINS; ) {
            count += 1
            const mine = count
            if (isSoak && mine % 10_000 === 0) await countersign.maintain()
            await attempts[mine % attempts.length]?.(countersign, mine)
          }
        }),
      )
      await countersign.close()
      const left = (await rowsIn()) - before
      assert.ok(left < MOST_ROWS, `${LOGINS} logins left ${left} rows`)
      const { rows } = await pool.query(COUNTED)
      // Nothing is lost by being told together.
      assert.equal(rows[0]?.refused, Math.floor((2 * LOGINS) / attempts.length))
    },
    PATIENCE,
  )

  async function anEngine() {
    const countersign = createCountersign({
      issuer: 'https://id.example.com',
      rootKeys: [randomBytes(32).toString('base64url')],
      storage: postgresStorage({ pool, timeout: 20 }),
      rateLimits: 'off',
    })
    await countersign.ready()
    const host = countersign.asHost('test')
    const { id: organization } = await host.organizations.create({ id: 'acme', name: 'Acme' })
    const authMethod = { method: 'universal' } as const
    const made = await host.identities.create({ organization, name: 'worker', authMethod })
    return { countersign, identity: made.identity.id }
  }

  /** Rows of all tables, whatever they are for. */
  async function rowsIn(): Promise<number> {
    const { rows } = await pool.query(`
      SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
        format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name), false, true, ''
      )))[1]::text::int), 0)::int AS rows
      FROM information_schema.tables
      WHERE table_schema = 'countersign' AND table_name NOT LIKE 'events\\_%'`)
    return rows[0]?.rows
  }
})

type Engine = Awaited<ReturnType<typeof createCountersign>>
type Attempt = (countersign: Engine, count: number) => Promise<unknown>

/** Wrong secrets of a known identity, ids that nobody has, and what is no secret at all. */
function garbageFor(known: string): readonly Attempt[] {
  const failing =
    (identityOf: (count: number) => string, secretOf: (count: number) => string): Attempt =>
    async (countersign, count) => {
      const credential = { clientSecret: secretOf(count) }
      const login = { method: 'universal', identity: identityOf(count), credential } as const
      await assert.rejects(countersign.login(login, { address: addressOf(count) }), {
        code: /^(invalid_credential|invalid_request|locked_out)$/,
      })
    }
  const wrong = (count: number): string => `cst_cs_${String(count).padStart(49, 'w')}`
  return [
    failing(() => known, wrong),
    failing(
      () => known,
      () => 'x',
    ),
    failing((count) => `idn_${String(count).padStart(26, '0')}`, wrong),
    failing(
      (count) => `nobody-${count}`,
      () => '',
    ),
  ]
}

function addressOf(count: number): string {
  return `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`
}

const COUNTED = `
  SELECT sum(coalesce((event ->> 'count')::int, 1))::int AS refused FROM (
    SELECT event FROM countersign.outbox UNION ALL SELECT event FROM countersign.events
  ) AS told WHERE event ->> 'type' = 'login.refused'`
