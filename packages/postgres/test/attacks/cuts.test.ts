import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { checkSchema, migrate } from '@countersign/postgres'
import type { Sender } from '@countersign/testkit'
import { createDatabase } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { openDatabase, serverFor } from '../support/database.ts'
import type { Workload } from '../support/engine.ts'
import { anEngine, aRootKey, aWorkload, logIn, source } from '../support/engine.ts'
import type { Faulty } from '../support/faulty.ts'
import { createFaulty } from '../support/faulty.ts'

const database = await openDatabase()
const server = await serverFor(18)
const senders = ['client', 'server'] as const

/** One call of an engine: what it does, what it changes, and the event that tells of it. */
interface Operation {
  do(countersign: Countersign, workload: Workload, token: string): Promise<unknown>
  /** SQL that counts what was done so far. */
  readonly done: string
  readonly event: string
  /** What must hold afterwards, whether it was done or not. */
  after?(honest: Countersign, workload: Workload): Promise<unknown>
}

const operations: Readonly<Record<string, Operation>> = {
  login: {
    do: (countersign, workload) => logIn(countersign, workload),
    done: 'SELECT sum(uses) FROM countersign.credentials WHERE max_uses IS NOT NULL',
    event: 'login.granted',
  },
  renew: {
    do: (countersign, _, token) => countersign.renew(token, source),
    done: `SELECT count(*) FROM countersign.outbox WHERE event ->> 'type' = 'token.renewed'`,
    event: 'token.renewed',
  },
  revoke: {
    do: (countersign, _, token) => countersign.revoke(token, source),
    done: 'SELECT count(*) FROM countersign.revocations',
    event: 'token.revoked',
  },
  rotate: {
    do: (countersign, { organization, secret: id }) =>
      countersign.asHost('test').clientSecrets.rotate({ organization, id }),
    done: 'SELECT count(*) FROM countersign.credentials WHERE replaced_by IS NOT NULL',
    event: 'client_secret.rotated',
    // The new one may never have been returned: then the old one is what the workload has.
    after: (honest, workload) => logIn(honest, workload),
  },
  bind: {
    do: (countersign, { organization, identity }) => {
      const subject = { identity }
      return countersign
        .asHost('test')
        .roleBindings.create({ organization, subject, role: 'admin' })
    },
    done: 'SELECT count(*) FROM countersign.role_bindings',
    event: 'role_binding.created',
  },
  'key rotation': {
    do: (countersign) => countersign.asHost('test').signingKeys.rotate({ lead: 0 }),
    done: 'SELECT count(*) FROM countersign.signing_keys',
    event: 'signing_key.created',
    async after(honest, workload) {
      const token = await logIn(honest, workload)
      await honest.authenticate(token, source)
    },
  },
}

describe.skipIf(database === undefined)('an engine whose connection is cut', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  let honest: Countersign
  let faulty: Faulty
  let countersign: Countersign
  beforeAll(async () => {
    honest = await anEngine(pool, { rootKeys })
    faulty = await createFaulty(url)
    countersign = await anEngine(faulty.pool, { rootKeys, storage: faulty.storage })
  })
  afterAll(async () => {
    await faulty.close()
    await database.drop()
  })

  for (const [name, operation] of Object.entries(operations))
    for (const sender of senders)
      test(`STO-007 ${name}: done with its event or not at all, whichever message of the ${sender} was the last`, async () => {
        const outcomes: number[] = []
        for (let message = 1; message <= 300; message += 1) {
          const { cut, done } = await cutAt(operation, sender, message)
          outcomes.push(done)
          if (!cut) break
        }
        // What the server says first, it may say when all is done.
        if (sender === 'client') assert.equal(outcomes.at(0), 0)
        assert.equal(outcomes.at(-1), 1)
        assert.ok(outcomes.length > 3, `only ${outcomes.length} messages`)
      }, 120_000)

  async function cutAt(operation: Operation, sender: Sender, message: number) {
    const workload = await aWorkload(honest, { name: `worker ${message}`, maxUses: 100 })
    const token = await logIn(honest, workload)
    const before = await measure(operation)
    faulty.proxy.cutAfter(sender, message)
    const cut = await isCut(operation.do(countersign, workload, token))
    if (cut) await settle()
    faulty.proxy.cutAfter(sender, Number.POSITIVE_INFINITY)
    const after = await measure(operation)
    const done = after.done - before.done
    assert.ok(done === 0 || done === 1, `${done} were done`)
    assert.equal(after.events - before.events, done, `message ${message} of the ${sender}`)
    await operation.after?.(honest, workload)
    return { cut, done }
  }

  async function measure({ done, event }: Operation) {
    const query = `SELECT (${done})::int AS done,
      (SELECT count(*)::int FROM countersign.outbox WHERE event ->> 'type' = $1) AS events`
    const { rows } = await pool.query(query, [event])
    return rows[0] as { readonly done: number; readonly events: number }
  }

  /** Waits until the server has noticed the cut: then no session of the storage that was cut is left. */
  async function settle(): Promise<void> {
    const sessions = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'faulty'`
    while ((await pool.query(sessions)).rows.length > 0);
  }
})

describe.skipIf(server === undefined)('a migration that is cut', () => {
  for (const sender of senders)
    test(`STO-007 STO-018 migrate() has made all or nothing, whichever message of the ${sender} was the last, and goes on`, async () => {
      const made: boolean[] = []
      // Every few messages, and each time on an empty database.
      for (let message = 3; message <= 2_000; message += 40) {
        const { cut, isMade } = await migrateCutAt(sender, message)
        made.push(isMade)
        if (!cut) break
      }
      assert.deepEqual([made.at(0), made.at(-1)], [false, true])
    }, 120_000)

  async function migrateCutAt(sender: Sender, message: number) {
    const { url, drop } = await createDatabase(server ?? '')
    const faulty = await createFaulty(url)
    const direct = new pg.Pool({ connectionString: url, max: 2 })
    // The database may go while a connection is still on its way out.
    for (const one of [direct, faulty.pool])
      one.on('connect', (client) => client.on('error', () => undefined))
    try {
      faulty.proxy.cutAfter(sender, message)
      const cut = await migrate(faulty.pool).then(
        () => false,
        () => true,
      )
      const made = `SELECT to_regclass('countersign.migrations') IS NOT NULL AS made`
      const [{ made: isMade }] = (await direct.query(made)).rows
      // Waits for the lock of whoever was cut off, finds what is missing, and makes it.
      await migrate(direct)
      await checkSchema(direct)
      return { cut, isMade: Boolean(isMade) }
    } finally {
      await faulty.close()
      await direct.end()
      await drop()
    }
  }

  test('STO-018 a node works on beside one whose schema is a compatible step ahead', async () => {
    const ahead = await openDatabase()
    assert.ok(ahead)
    onTestFinished(() => ahead.drop())
    const settings = { rootKeys: [aRootKey()] }
    const older = await anEngine(ahead.pool, settings)
    const workload = await aWorkload(older)
    await ahead.pool.query(`
      ALTER TABLE countersign.identities ADD COLUMN later text;
      ALTER TABLE countersign.credentials ADD COLUMN later text DEFAULT 'x';
      CREATE TABLE countersign.later (id text);
      INSERT INTO countersign.migrations (version, name, checksum, breaking)
        VALUES (1000, 'later', 'any', false)`)
    const newer = await anEngine(ahead.pool, settings)
    for (const node of [older, newer]) {
      const token = await logIn(node, workload)
      for (const other of [older, newer]) await other.authenticate(token, source)
    }
    await ahead.pool.query('UPDATE countersign.migrations SET breaking = true WHERE version = 1000')
    await assert.rejects(anEngine(ahead.pool, settings), { code: 'unavailable' })
  })
})

/** Whether the engine could not tell what became of its call; it never says no. */
async function isCut(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return false
  } catch (error) {
    if (isCountersignError(error) && error.code === 'unavailable') return true
    throw error
  }
}
