import assert from 'node:assert/strict'
import { afterAll, describe, test } from 'vitest'
import { startVictim } from '../support/children.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, aWorkload, logIn, source } from '../support/engine.ts'

const database = await openDatabase()
const patience = process.env['COUNTERSIGN_SOAK'] === '1' ? 600_000 : 20_000

/** What a write and its event say of the same thing: both counts, however often a process was killed between them. */
const PAIRS: Readonly<Record<string, readonly [sql: string, event: string]>> = {
  'uses and grants': [`SELECT sum(uses) FROM countersign.credentials`, `e.type = 'login.granted'`],
  revocations: [`SELECT count(*) FROM countersign.revocations`, `e.type = 'token.revoked'`],
  rotations: [
    `SELECT count(*) FROM countersign.credentials WHERE replaced_by IS NOT NULL`,
    `e.type = 'client_secret.rotated'`,
  ],
  secrets: [`SELECT count(*) FROM countersign.credentials`, `e.type = 'client_secret.created'`],
  keys: [`SELECT count(*) FROM countersign.signing_keys`, `e.type = 'signing_key.created'`],
}

describe.skipIf(database === undefined)('a process that is killed while it writes', () => {
  if (database === undefined) return
  const { pool, url } = database
  afterAll(() => database.drop())

  test(
    'STO-007 KEY-006 every write has its event, and the last secret that was returned opens a login',
    async () => {
      const rootKey = aRootKey()
      const countersign = await anEngine(pool, { rootKeys: [rootKey] })
      const workload = await aWorkload(countersign, { maxUses: 1_000_000 })
      const { organization, identity } = workload
      let { secret, clientSecret } = workload
      const end = performance.now() + patience
      let kills = 0
      for (; performance.now() < end || kills < 3; kills += 1) {
        const values = [url, rootKey, organization, identity, secret, clientSecret]
        const victim = await startVictim('busy-victim.ts', values)
        const words = await victim.killAfter(1 + ((kills * 7) % 60))
        const last = words.findLast((word) => word.startsWith('secret '))
        if (last !== undefined) [, secret = '', clientSecret = ''] = last.split(' ')
        await settled()
        for (const [what, [sql, event]] of Object.entries(PAIRS))
          assert.deepEqual(await countsOf(sql, event), [true], `${what}, after ${kills} kills`)
        const token = await logIn(countersign, { identity, clientSecret })
        await countersign.authenticate(token, source)
      }
      assert.ok(kills >= 3)
    },
    patience + 300_000,
  )

  /** Waits until the server has noticed that the process is gone. */
  async function settled(): Promise<void> {
    const sessions = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()
      AND backend_type = 'client backend'`
    while ((await pool.query(sessions)).rows[0].count > pool.totalCount);
  }

  async function countsOf(sql: string, event: string): Promise<readonly boolean[]> {
    const { rows } = await pool.query(`
      SELECT (${sql}) = (
        SELECT count(*) FROM (
          SELECT event ->> 'type' AS type FROM countersign.outbox
          UNION ALL SELECT type FROM countersign.events
        ) e WHERE ${event}
      ) AS same`)
    return rows.map(({ same }) => same)
  }
})
