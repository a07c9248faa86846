import assert from 'node:assert/strict'
import type { LockoutCounter, LockoutPolicy } from '@countersign/core/plugin'
import { later, strike } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { hostTransaction } from './support/host-transaction.ts'
import { anEvent, anIdentity, anOrganization, at } from './support/records.ts'
import { seedWorkload } from './support/workload.ts'

const database = await openDatabase()
const runs = process.env['COUNTERSIGN_SOAK'] === '1' ? 2000 : 100
const settings = { seed: 20_260_731, numRuns: runs }

describe.skipIf(database === undefined)('postgresStorage()', () => {
  if (database === undefined) return
  const { pool } = database
  const storage = postgresStorage({ pool, timeout: 20 })
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  const policies: fc.Arbitrary<LockoutPolicy> = fc.record({
    threshold: fc.integer({ min: 1, max: 4 }),
    window: fc.integer({ min: 1, max: 4 }),
    duration: fc.integer({ min: 1, max: 6 }),
    scope: fc.constant('source' as const),
  })

  test('strike() makes the transitions of the lockout in core, for any policy and any pauses', async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(policies, pauses, async (policy, waits) => {
        const key = { organization: 'acme', identity: 'idn_1', method: 'any', class: 'strangers' }
        await storage.lockouts.clear({ organization: 'acme' }, at(0), [])
        let counter: LockoutCounter | undefined
        let now = at(0)
        for (const wait of waits) {
          now = later(now, wait)
          const expected = strike(counter, policy, now)
          const events = { refused: [], locked: [] }
          const struck = await storage.logins.strike(
            { ...key, class: 'strangers' },
            policy,
            now,
            events,
          )
          assert.deepEqual(struck, expected)
          counter = expected.counter
        }
      }),
      settings,
    )
  }, 120_000)

  test('insert() keeps text that Postgres has no text for, and finds it again', async () => {
    const odd = 'a\u0000b\u0001c\u0002 \ud83d'
    await storage.organizations.insert(anOrganization(), [anEvent({ details: { odd } })])
    const identity = anIdentity({ owner: 'u\u0000', metadata: { 'k\u0000': odd, k: '\u0001' } })
    assert.equal(await storage.identities.insert(identity, []), true)
    assert.deepEqual(await storage.identities.find('acme', identity.id), identity)
    const by = async (filter: object) => {
      const query = { filter: { organization: 'acme', ...filter }, order: 'id', limit: 9 } as const
      return (await storage.identities.page(query)).rows.length
    }
    assert.equal(await by({ owner: 'u\u0000' }), 1)
    assert.equal(await by({ owner: 'u' }), 0)
    assert.equal(await by({ metadata: { 'k\u0000': odd } }), 1)
    assert.equal(await by({ metadata: { k: '\u0000' } }), 0)
    assert.equal(await storage.identities.find('acme', 'idn_\u0000'), undefined)
    const { events } = await storage.trail.open(10)
    assert.equal(events[0]?.event.details?.['odd'], odd)
  })

  test('rename() and page() keep the order of names with control characters in them', async () => {
    const { token, authMethod } = await seedWorkload(storage)
    const names = ['\u0000', '\u0000x', '\u0001', '\u0001\u0000', '\u0002', 'a']
    for (const [index, name] of [...names].reverse().entries()) {
      const id = `stk_${index + 2}` as const
      const digest = { rootKey: 'key', value: id }
      await storage.staticTokens.insert(
        { ...token, id, name, authMethod: authMethod.id },
        digest,
        [],
      )
    }
    const renamed = await storage.staticTokens.rename(
      { organization: 'acme', id: 'stk_1' },
      'b',
      [],
    )
    assert.equal(renamed?.name, 'b')
    const filter = { organization: 'acme', identity: token.identity }
    const { rows } = await storage.staticTokens.page({ filter, order: 'name', limit: 10 })
    assert.deepEqual(
      rows.map(({ name }) => name),
      [...names, 'b'],
    )
  })

  test('grant() marks no evidence where another evidence of the same login was seen', async () => {
    const { grant } = await seedWorkload(storage)
    const once = (key: string) => ({ kind: 'once', key, until: at(60) }) as const
    const accept = (...keys: readonly string[]) =>
      storage.logins.grant(grant({ charges: keys.map(once) }), at(0), [anEvent()])
    assert.equal(await accept('b'), undefined)
    assert.equal(await accept('a', 'b', 'c'), 'evidence_replayed')
    assert.equal(await accept('a', 'a'), 'evidence_replayed')
    assert.equal(await accept('a', 'c'), undefined)
    assert.equal(await accept('c'), 'evidence_replayed')
    assert.equal((await storage.trail.open(10)).events.length, 2)
  })

  test('grant() undoes its own part of a transaction where one of several evidences was seen', async () => {
    const { grant } = await seedWorkload(storage)
    const once = (key: string) => ({ kind: 'once', key, until: at(60) }) as const
    await storage.logins.grant(grant({ charges: [once('b')] }), at(0), [])
    const refusal = await storage.transaction(async (stores) => {
      await stores.organizations.insert(anOrganization({ id: 'kept' }), [])
      return stores.logins.grant(grant({ charges: [once('a'), once('b')] }), at(0), [])
    })
    assert.equal(refusal, 'evidence_replayed')
    assert.notEqual(await storage.organizations.find('kept'), undefined)
    const alone = await storage.logins.grant(grant({ charges: [once('a')] }), at(0), [])
    assert.equal(alone, undefined)
  })

  test('grant() accepts one of many that show the same pair of evidences at once', async () => {
    const { grant } = await seedWorkload(storage)
    const keys = ['a', 'b']
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const order = index % 2 === 0 ? keys : [...keys].reverse()
        const charges = order.map((key) => ({ kind: 'once', key, until: at(60) }) as const)
        return storage.logins.grant(grant({ charges }), at(0), [])
      }),
    )
    assert.equal(answers.filter((answer) => answer === undefined).length, 1)
  })

  test('transaction() runs again where two wait for each other', async () => {
    const first = anOrganization({ id: 'first' })
    const second = anOrganization({ id: 'second' })
    for (const row of [first, second]) await storage.organizations.insert(row, [])
    let runsOfBoth = 0
    const rename = (ids: readonly string[]) =>
      storage.transaction(async ({ organizations }) => {
        runsOfBoth += 1
        for (const id of ids) {
          const read = await organizations.find(id)
          if (read === undefined) return false
          const { name, revision } = read
          const next = { ...read, name: `${name}!`, revision: revision + 1 }
          if (!(await organizations.replace(next, []))) return false
        }
        return true
      })
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        rename(index % 2 === 0 ? ['first', 'second'] : ['second', 'first']),
      ),
    )
    const done = answers.filter(Boolean).length
    assert.ok(done >= 1 && runsOfBoth >= 6)
    const stored = await storage.organizations.find('first')
    const other = await storage.organizations.find('second')
    assert.deepEqual([stored?.revision, other?.revision], [1 + done, 1 + done])
  }, 60_000)

  test('transaction() commits nothing where a failed statement was overlooked', async () => {
    const transaction = storage.transaction(async ({ organizations }) => {
      await organizations.insert(anOrganization(), [])
      await organizations
        .page({ filter: {}, order: 'id', limit: Number.NaN })
        .catch(() => undefined)
    })
    await assert.rejects(transaction)
    assert.equal(await storage.organizations.find('acme'), undefined)
  })

  test('within() answers conflict where another transaction took the slug meanwhile', async () => {
    await storage.organizations.insert(anOrganization(), [])
    const identity = anIdentity()
    await storage.identities.insert(identity, [])
    const other = anIdentity({ id: 'idn_2', slug: 'wanted' })
    let blocked: Promise<unknown> = Promise.resolve()
    const host = hostTransaction(pool, async (transaction) => {
      await storage.within(transaction).identities.insert(other, [])
      const named = { ...identity, slug: 'wanted', revision: 2 }
      blocked = hostTransaction(pool, (mine) => storage.within(mine).identities.replace(named, []))
      blocked.catch(() => undefined)
      await storage.organizations.find('acme')
    })
    await host
    const outcome = await blocked.catch((error: { readonly code?: unknown }) => error.code)
    assert.ok(outcome === 'conflict' || outcome === false, String(outcome))
  })

  test('remove() answers conflict where a table of the host refers to the identity', async () => {
    await storage.organizations.insert(anOrganization(), [])
    await storage.identities.insert(anIdentity(), [])
    await pool.query(
      "CREATE TABLE jobs (identity text REFERENCES countersign.identities (id)); INSERT INTO jobs VALUES ('idn_1')",
    )
    const removing = storage.identities.remove(['acme', 'idn_1'], [anEvent()])
    await assert.rejects(removing, {
      code: 'conflict',
      message: 'Something else refers to this record',
    })
    assert.notEqual(await storage.identities.find('acme', 'idn_1'), undefined)
    assert.deepEqual((await storage.trail.open(10)).events, [])
    await pool.query('DROP TABLE jobs')
  })

  test('sweep() forgets each row once, from several nodes at once', async () => {
    const marks = Array.from({ length: 200 }, (_, index) => `sid_${index}`)
    for (const id of marks)
      await storage.tokens.revoke({ organization: 'acme', id, until: at(1) }, [])
    const swept = await Promise.all([1, 2, 3, 4].map(() => storage.sweep(at(2), 75)))
    const left = await storage.sweep(at(2), 1000)
    assert.equal(
      swept.reduce((sum, count) => sum + count, left),
      200,
    )
    assert.ok(swept.every((count) => count <= 75))
  })

  test('ready() does with a pool of one connection', async () => {
    const { default: pg } = await import('pg')
    const single = new pg.Pool({ connectionString: database.url, max: 1 })
    await postgresStorage({ pool: single, timeout: 0.3 }).ready()
    await single.end()
  })
})
