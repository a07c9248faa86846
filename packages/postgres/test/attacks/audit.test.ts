import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { afterAll, beforeEach, describe, onTestFinished, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import type { Workload } from '../support/engine.ts'
import { anEngine, aWorkload, logIn, source } from '../support/engine.ts'

const database = await openDatabase()

interface Attacked {
  readonly countersign: Countersign
  readonly workload: Workload
  readonly accessToken: string
}

type Attempt = (attacked: Attacked) => Promise<unknown>

const organization = 'acme'

/** What decides or changes something, and must not where nobody can write down that it did. */
const attempts: Readonly<Record<string, Attempt>> = {
  login: ({ countersign, workload }) => logIn(countersign, workload),
  'a login with a wrong secret': ({ countersign, workload }) =>
    logIn(countersign, { ...workload, clientSecret: 'wrong' }),
  renew: ({ countersign, accessToken }) => countersign.renew(accessToken, source),
  revoke: ({ countersign, accessToken }) => countersign.revoke(accessToken, source),
  'a role change': ({ countersign, workload }) =>
    countersign.asHost('test').roleBindings.create({
      organization,
      subject: { identity: workload.identity },
      role: 'admin',
    }),
  'a new secret': ({ countersign, workload }) =>
    countersign.asHost('test').clientSecrets.create({ organization, identity: workload.identity }),
  'taking a secret back': ({ countersign, workload }) =>
    countersign.asHost('test').clientSecrets.revoke({ organization, id: workload.secret }),
  'deleting an identity': ({ countersign, workload }) =>
    countersign.asHost('test').identities.delete({ organization, id: workload.identity }),
  'a new signing key': ({ countersign }) => countersign.asHost('test').signingKeys.rotate(),
}

const MINE = `organization = 'acme' AND index`
const edit = (from: string, to: string, index: number): string =>
  `UPDATE countersign.events SET event = replace(event::text, '${from}', '${to}')::json WHERE ${MINE} = ${index}`

interface Vandalism {
  readonly sql: string
  readonly kind: string
  readonly index: number
}

/** What somebody who owns the tables does to one chain of ten events, and what verification says of it. */
const vandalism: Readonly<Record<string, Vandalism>> = {
  'changes what an event tells': {
    sql: edit('project.created', 'project.deleted', 4),
    kind: 'changed',
    index: 4,
  },
  'changes whom an event is about': {
    sql: edit('"target":{"kind":"project"', '"target":{"kind":"identity"', 5),
    kind: 'changed',
    index: 5,
  },
  'moves an event to another organization': {
    sql: edit('"organization":"acme"', '"organization":"other"', 6),
    kind: 'removed',
    index: 6,
  },
  'deletes an event': {
    sql: `DELETE FROM countersign.events WHERE ${MINE} = 7`,
    kind: 'removed',
    index: 7,
  },
  'puts an event in twice': {
    sql: `INSERT INTO countersign.events (position, index, sealed_at, hash, event)
      SELECT position + 1000, index, sealed_at + 1, hash, event FROM countersign.events
      WHERE ${MINE} = 8`,
    kind: 'inserted',
    index: 8,
  },
  'swaps two events': {
    sql: `UPDATE countersign.events SET index = 7 - index WHERE ${MINE} IN (3, 4)`,
    kind: 'inserted',
    index: 3,
  },
  'drops the last events': {
    sql: `DELETE FROM countersign.events WHERE ${MINE} > 8`,
    kind: 'truncated',
    index: 9,
  },
  'drops a month': { sql: 'DROP TABLE countersign.events_2020_01', kind: 'removed', index: 1 },
  'lets everything go by a checkpoint of their own': {
    sql: `UPDATE countersign.chains
      SET checkpoint = jsonb_set(checkpoint::jsonb, '{anchor,index}', '10')::json`,
    kind: 'forged',
    index: 10,
  },
}

describe.skipIf(database === undefined)('audit on Postgres', () => {
  if (database === undefined) return
  const { pool } = database
  beforeEach(async () => {
    await mendOutbox()
    await database.empty()
  })
  afterAll(() => database.drop())

  for (const [name, attempt] of Object.entries(attempts))
    test(`AUD-002 where no event can be written, ${name} does not happen`, async () => {
      const countersign = await aNode()
      const workload = await aWorkload(countersign, { maxUses: 10 })
      const accessToken = await logIn(countersign, workload)
      await breakOutbox()
      const before = await recordsOf()
      await assert.rejects(attempt({ countersign, workload, accessToken }), { code: 'unavailable' })
      assert.deepEqual(await recordsOf(), before)
      await mendOutbox()
      await countersign.authenticate(accessToken, source)
      await logIn(countersign, workload)
    })

  for (const [deed, { sql, kind, index }] of Object.entries(vandalism))
    test(`AUD-004 verification names the first event that is wrong where the tables' owner ${deed}`, async () => {
      const { events } = await aTrail()
      assert.equal((await events.verify()).intact, true)
      await pool.query(sql)
      const { fault } = await events.verify({ organization })
      assert.deepEqual([fault?.kind, fault?.index], [kind, index])
    })

  test('AUD-004 what lists search by cannot be changed beside the event', async () => {
    await aTrail()
    for (const column of SEARCHED)
      await assert.rejects(pool.query(`UPDATE countersign.events SET ${column} = NULL`), {
        code: '428C9',
      })
  })

  test('AUD-004 an event that no signature covers cannot be kept from the next one', async () => {
    const { countersign } = await aTrail()
    await countersign.asHost('test').projects.create({ organization, name: 'late' })
    await sealAll(countersign)
    const hide = 'UPDATE countersign.chains SET unchecked_since = NULL'
    await assert.rejects(pool.query(hide), { code: '23514' })
  })

  async function aNode(): Promise<Countersign> {
    const countersign = await anEngine(pool)
    onTestFinished(() => countersign.close())
    return countersign
  }

  async function breakOutbox(): Promise<void> {
    await pool.query(`
      CREATE OR REPLACE FUNCTION countersign.full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON countersign.outbox
        FOR EACH ROW EXECUTE FUNCTION countersign.full_disk()`)
  }

  async function mendOutbox(): Promise<void> {
    await pool.query('DROP TRIGGER IF EXISTS full_disk ON countersign.outbox')
  }

  /** Everything that is recorded, but for counters of failures, which may only make things stricter. */
  async function recordsOf(): Promise<unknown> {
    const tables = ['identities', 'credentials', 'role_bindings', 'revocations', 'signing_keys']
    return Promise.all(
      [...tables, 'outbox', 'deployment'].map(async (table) => {
        const { rows } = await pool.query(`SELECT t::text FROM countersign.${table} t ORDER BY 1`)
        return rows
      }),
    )
  }

  /** Ten signed events of one organization, the first three of them in a month long ago. */
  async function aTrail() {
    const countersign = await aNode()
    const host = countersign.asHost('test')
    await host.organizations.create({ id: organization, name: 'Acme' })
    for (let count = 2; count <= 10; count += 1)
      await host.projects.create({ organization, name: `project ${count}` })
    await sealAll(countersign)
    await pool.query('SELECT countersign.open_months(1577836800000)')
    await pool.query(
      `UPDATE countersign.events SET sealed_at = 1577836800000 + index WHERE ${MINE} <= 3`,
    )
    await host.events.checkpoint({ organization })
    return { countersign, events: host.events }
  }
})

const SEARCHED = [
  'organization',
  'type',
  'happened_at',
  'actor_identity',
  'target_identity',
  'named_identity',
]

async function sealAll({ maintain }: Countersign): Promise<void> {
  for (;;) if ((await maintain()).done) return
}
