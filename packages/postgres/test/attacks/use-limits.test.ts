import assert from 'node:assert/strict'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { afterAll, beforeEach, describe, onTestFinished, test } from 'vitest'
import { startVictim } from '../support/children.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, around, aWorkload, logIn } from '../support/engine.ts'
import { createFaulty } from '../support/faulty.ts'

const database = await openDatabase()
const rounds = process.env['COUNTERSIGN_SOAK'] === '1' ? 1_000 : 50

describe.skipIf(database === undefined)('uses that Postgres counts', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  async function usesOf(secret: string): Promise<bigint> {
    const query = 'SELECT uses FROM countersign.credentials WHERE id = $1'
    return BigInt((await pool.query(query, [secret])).rows[0].uses)
  }

  async function grants(): Promise<number> {
    const query = `SELECT count(*) FROM (
      SELECT event FROM countersign.outbox UNION ALL SELECT event FROM countersign.events
    ) e WHERE event ->> 'type' = 'login.granted'`
    return Number((await pool.query(query)).rows[0].count)
  }

  test.each([
    [2_147_483_646n, 2_147_483_648n],
    [9_007_199_254_740_989n, 9_007_199_254_740_991n],
  ])('USE-009 login() counts on from %s to %s and not further', async (uses, limit) => {
    const countersign = await anEngine(pool, { rootKeys })
    const workload = await aWorkload(countersign, { maxUses: 3 })
    await pool.query(
      `UPDATE countersign.credentials SET uses = $2, max_uses = $3::bigint,
         record = jsonb_set(record::jsonb, '{maxUses}', to_jsonb($3::bigint))::json WHERE id = $1`,
      [workload.secret, uses, limit],
    )
    await logIn(countersign, workload)
    await logIn(countersign, workload)
    const exhausted = { code: 'invalid_credential', reason: 'secret_exhausted' }
    await assert.rejects(logIn(countersign, workload), exhausted)
    assert.equal(await usesOf(workload.secret), limit)
    const key = { organization: workload.organization, id: workload.secret }
    const listed = await countersign.asHost('test').clientSecrets.get(key)
    assert.equal(BigInt(listed.uses), limit)
  })

  test('USE-002 a secret for one use opens one of two logins at once, on two nodes', async () => {
    const other = new pg.Pool({ connectionString: url, max: 2 })
    onTestFinished(() => other.end())
    const nodes = [await anEngine(pool, { rootKeys }), await anEngine(other, { rootKeys })]
    const [first] = nodes
    assert.ok(first)
    for (let round = 0; round < rounds; round += 1) {
      const workload = await aWorkload(first, { name: `worker ${round}`, maxUses: 1 })
      const outcomes = await Promise.all(nodes.map((node) => outcomeOf(logIn(node, workload))))
      assert.deepEqual(outcomes.sort(), ['granted', 'invalid_credential'])
    }
  })

  test('USE-012 a process that is killed loses at most the use that it was charging', async () => {
    const countersign = await anEngine(pool, { rootKeys })
    const { identity, clientSecret, secret } = await aWorkload(countersign, { maxUses: 10 })
    const values = [url, rootKeys[0] ?? '', identity, clientSecret]
    let granted = 0
    let kills = 0
    for (let exhausted = false; !exhausted; kills += 1) {
      const victim = await startVictim('login-victim.ts', values)
      // Another number of logins each time, and then in the middle of the next one.
      const words = await victim.killAfter(1 + (kills % 3))
      granted += words.filter((word) => word === 'granted').length
      exhausted = words.includes('secret_exhausted')
    }
    assert.ok(granted <= 10, `${granted} were granted`)
    assert.ok(granted >= 10 - kills, `${granted} were granted, and ${kills} processes killed`)
    assert.deepEqual([await usesOf(secret), await grants()], [10n, 10])
  }, 120_000)

  test('USE-013 login() refuses the second try where the first one was charged and its answer lost', async () => {
    const faulty = await createFaulty(url)
    onTestFinished(() => faulty.close())
    const { storage, proxy } = faulty
    const countersign = await anEngine(faulty.pool, {
      rootKeys,
      storage: around(storage, {
        logins: {
          ...storage.logins,
          grant(...given) {
            proxy.set('reset-on-reply')
            return storage.logins.grant(...given)
          },
        },
      }),
    })
    const workload = await aWorkload(countersign, { maxUses: 1 })
    await assert.rejects(logIn(countersign, workload), { code: 'unavailable' })
    proxy.set('none')
    const again = { code: 'invalid_credential', reason: 'secret_exhausted' }
    while ((await outcomeOf(logIn(countersign, workload))) === 'unavailable');
    await assert.rejects(logIn(countersign, workload), again)
    assert.deepEqual([await usesOf(workload.secret), await grants()], [1n, 1])
  })

  test('USE-015 login() charges once for each grant where every session is serializable', async () => {
    const strict = new pg.Pool({
      connectionString: url,
      max: 12,
      options: '-c default_transaction_isolation=serializable',
    })
    onTestFinished(() => strict.end())
    const storage = postgresStorage({ pool: strict, timeout: 20 })
    const countersign = await anEngine(strict, { rootKeys, storage })
    const workload = await aWorkload(countersign, { maxUses: 300 })
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, () => outcomeOf(logIn(countersign, workload))),
    )
    const granted = outcomes.filter((outcome) => outcome === 'granted').length
    assert.deepEqual(new Set(outcomes.filter((outcome) => outcome !== 'granted')), new Set())
    assert.deepEqual([granted, await usesOf(workload.secret), await grants()], [300, 300n, 300])
  })
})

async function outcomeOf(login: Promise<string>): Promise<string> {
  try {
    await login
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error)
  }
}
