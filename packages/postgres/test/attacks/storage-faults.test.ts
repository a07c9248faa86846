import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { migrate } from '@countersign/postgres'
import pg from 'pg'
import { afterAll, afterEach, beforeEach, describe, onTestFinished, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import type { Workload } from '../support/engine.ts'
import { anEngine, aRootKey, aWorkload, logIn, source } from '../support/engine.ts'
import type { Faulty } from '../support/faulty.ts'
import { createFaulty } from '../support/faulty.ts'

const database = await openDatabase()
const unavailable = { code: 'unavailable', retryAfter: 1 }
const rounds = process.env['COUNTERSIGN_SOAK'] === '1' ? 400 : 15

describe.skipIf(database === undefined)('an engine whose Postgres fails', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  let faulty: Faulty
  let countersign: Countersign
  let workload: Workload
  beforeEach(async () => {
    await database.empty()
    faulty = await createFaulty(url)
    countersign = await anEngine(faulty.pool, { rootKeys, storage: faulty.storage })
    workload = await aWorkload(countersign, { maxUses: 10_000 })
  })
  afterEach(() => faulty.close())
  afterAll(() => database.drop())

  async function usesCounted(): Promise<number> {
    const { rows } = await pool.query('SELECT uses FROM countersign.credentials WHERE id = $1', [
      workload.secret,
    ])
    return Number(rows[0]?.uses)
  }

  async function eventsOf(type: string): Promise<number> {
    const query = `SELECT count(*) FROM countersign.outbox WHERE event ->> 'type' = $1`
    const { rows } = await pool.query(query, [type])
    return Number(rows[0]?.count)
  }

  async function countOf(table: string): Promise<number> {
    return Number((await pool.query(`SELECT count(*) FROM countersign.${table}`)).rows[0].count)
  }

  /** Every connection may be lost once; then there are only new ones. */
  async function healed(): Promise<string> {
    faulty.proxy.set('none')
    for (let lost = 0; lost < 5; lost += 1)
      await logIn(countersign, workload).catch(() => undefined)
    return logIn(countersign, workload)
  }

  test('STO-001 login() is unavailable while Postgres refuses, and nobody is punished for it', async () => {
    faulty.proxy.set('refuse')
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const began = performance.now()
      await assert.rejects(logIn(countersign, workload), unavailable)
      assert.ok(performance.now() - began < 20_000)
    }
    faulty.proxy.set('none')
    assert.equal(await countOf('counters'), 0)
    assert.equal(await usesCounted(), 0)
    assert.ok(await logIn(countersign, workload))
  })

  test('STO-002 authenticate() is unavailable while Postgres is gone, never an invalid token', async () => {
    const token = await logIn(countersign, workload)
    const cold = await anEngine(faulty.pool, { rootKeys, storage: faulty.storage, cacheTtl: 60 })
    faulty.proxy.set('refuse')
    await assert.rejects(cold.authenticate(token, source), unavailable)
    faulty.proxy.set('none')
    assert.ok(await cold.authenticate(token, source))
  })

  test('STO-003 authenticate() answers while what it remembers is young, and is unavailable then', async () => {
    const warm = await anEngine(faulty.pool, { rootKeys, storage: faulty.storage, cacheTtl: 1 })
    const token = await logIn(warm, workload)
    await warm.authenticate(token, source)
    const asked = performance.now()
    faulty.proxy.set('refuse')
    await warm.authenticate(token, source)
    let last = 0
    const failure = await untilItFails(async () => {
      await warm.authenticate(token, source)
      last = performance.now() - asked
    })
    assert.ok(isCountersignError(failure) && failure.code === 'unavailable', String(failure))
    assert.ok(last < 10_000, `answered for ${last} ms`)
  })

  test('TTL-008 revoke() is unavailable while Postgres is gone, and the token stays good', async () => {
    const token = await logIn(countersign, workload)
    faulty.proxy.set('refuse')
    await assert.rejects(countersign.revoke(token, source), unavailable)
    await healed()
    assert.ok(await countersign.authenticate(token, source))
    await countersign.revoke(token, source)
    const refused = { code: 'invalid_token', reason: 'token_revoked' }
    await assert.rejects(countersign.authenticate(token, source), refused)
  })

  test('STO-004 login() and authenticate() do not hang on a silent network, and lose no connection', async () => {
    const token = await logIn(countersign, workload)
    faulty.proxy.set('black-hole')
    await assert.rejects(logIn(countersign, workload), unavailable)
    await assert.rejects(countersign.authenticate(token, source), unavailable)
    assert.ok(await healed())
    // What was opened into the silence, the pool itself gives up.
    while (faulty.pool.idleCount < faulty.pool.totalCount) await countersign.health()
    assert.equal(faulty.pool.waitingCount, 0)
  })

  test('STO-005 login() charges nothing where its session ends before it commits', async () => {
    const holder = await pool.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT FROM countersign.credentials WHERE id = $1 FOR UPDATE', [
      workload.secret,
    ])
    const login = assert.rejects(logIn(countersign, workload), unavailable)
    await terminate(pool, `wait_event_type = 'Lock'`)
    await login
    await holder.query('ROLLBACK')
    holder.release()
    assert.deepEqual([await usesCounted(), await eventsOf('login.granted')], [0, 0])
  })

  test('STO-008 login() and authenticate() are granted or unavailable while sessions are ended all the time', async () => {
    const eight = new pg.Pool({ connectionString: url, max: 8, application_name: 'faulty' })
    onTestFinished(() => eight.end())
    const engine = await anEngine(eight, { rootKeys })
    const token = await logIn(countersign, workload)
    const outcomes: Record<string, number> = {}
    for (let round = 0; round < rounds; round += 1) {
      const asked = Array.from({ length: 5 }, () => [
        logIn(engine, workload),
        engine.authenticate(token, source),
      ]).flat()
      const settled = Promise.allSettled<unknown>(asked)
      await pool.query(END_SESSIONS)
      for (const answer of await settled) {
        const outcome = outcomeOf(answer)
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      }
    }
    assert.deepEqual(Object.keys(outcomes).sort(), ['granted', 'unavailable'])
    assert.ok((await eventsOf('login.granted')) === (await usesCounted()))
  })

  test('STO-011 login() is unavailable where the disk is full, and leaves no part of itself', async () => {
    await failing(pool, '53100', Number.POSITIVE_INFINITY)
    await assert.rejects(logIn(countersign, workload), unavailable)
    await mended(pool)
    assert.equal(await usesCounted(), 0)
    assert.ok(await logIn(countersign, workload))
  })

  test('STO-011 login() is unavailable where Postgres has no connection left', async () => {
    const role = `crowded_${process.pid}`
    await pool.query(`CREATE ROLE ${role} LOGIN`)
    await migrate(pool, { runtime: role })
    const crowded = new URL(url)
    crowded.username = role
    const few = new pg.Pool({ connectionString: crowded.href, max: 2 })
    const engine = await anEngine(few, { rootKeys })
    assert.ok(await logIn(engine, workload))
    await pool.query(`ALTER ROLE ${role} CONNECTION LIMIT 0`)
    await terminate(pool, `usename = '${role}'`)
    for (let lost = 0; lost < 3; lost += 1)
      await assert.rejects(logIn(engine, workload), unavailable)
    await pool.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`)
    assert.ok(await logIn(engine, workload))
    await few.end()
    await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  for (const state of ['40001', '40P01'])
    test(`STO-012 a login, a revocation and a change of a role go through three times of ${state}`, async () => {
      const { organization, identity } = workload
      const host = countersign.asHost('test')
      const changes = [
        () => logIn(countersign, workload),
        () => host.identities.revokeTokens({ organization, id: identity }),
        () => host.roleBindings.create({ organization, subject: { identity }, role: 'admin' }),
      ]
      for (const change of changes) {
        await failing(pool, state, 3)
        await change()
        await mended(pool)
      }
      assert.deepEqual([await usesCounted(), await eventsOf('login.granted')], [1, 1])
      const { items } = await host.roleBindings.list({ organization, subject: { identity } })
      assert.equal(items.length, 2)
    })

  test('STO-012 login() gives up after a few attempts, as unavailable and not as a refusal', async () => {
    await failing(pool, '40001', Number.POSITIVE_INFINITY)
    await assert.rejects(logIn(countersign, workload), unavailable)
    const { rows } = await pool.query(`SELECT last_value FROM faults`)
    assert.equal(Number(rows[0]?.last_value), 6)
    await mended(pool)
  })
})

const END_SESSIONS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'faulty'`

/** Ends sessions of a kind, as soon as there is one. */
async function terminate(pool: pg.Pool, condition: string): Promise<void> {
  const query = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`
  while ((await pool.query(query)).rows.length === 0);
}

/** Makes the next writes of events fail as Postgres itself would fail; a sequence counts on through rollbacks. */
async function failing(pool: pg.Pool, state: string, times: number): Promise<void> {
  const most = Number.isFinite(times) ? times : 1_000_000
  await pool.query(`
    CREATE SEQUENCE faults;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('faults') <= ${most} THEN RAISE EXCEPTION 'forced' USING ERRCODE = '${state}'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT ON countersign.outbox FOR EACH ROW EXECUTE FUNCTION fail()`)
}

async function mended(pool: pg.Pool): Promise<void> {
  await pool.query(`
    DROP TRIGGER fail ON countersign.outbox; DROP FUNCTION fail(); DROP SEQUENCE faults`)
}

async function untilItFails(attempt: () => Promise<void>): Promise<unknown> {
  try {
    for (;;) await attempt()
  } catch (error) {
    return error
  }
}

function outcomeOf(answer: PromiseSettledResult<unknown>): string {
  if (answer.status === 'fulfilled') return 'granted'
  return isCountersignError(answer.reason) ? answer.reason.code : String(answer.reason)
}
