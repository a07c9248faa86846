import assert from 'node:assert/strict'
import { CHAIN_START, linkTo } from '@countersign/core/plugin'
import { migrate, migrationSql, postgresStorage } from '@countersign/postgres'
import { createDatabase } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { anEvent } from './support/records.ts'
import { putCheckpoint, sealEvents } from './support/sealing.ts'

const database = await openDatabase()
const JANUARY = new Date('2026-01-31T23:59:59.999Z')
const FEBRUARY = new Date('2026-02-01T00:00:00.000Z')
const MARCH = new Date('2026-03-15T00:00:00.000Z')

describe.skipIf(database === undefined)('months of the trail', () => {
  if (database === undefined) return
  const { pool } = database
  const storage = postgresStorage({ pool, timeout: 20 })
  beforeEach(async () => {
    await database.empty()
    for (const [name] of await partitions()) await pool.query(`DROP TABLE countersign.${name}`)
  })
  afterAll(() => database.drop())

  test('seal() keeps each month in a partition of its own, and one ready for the next', async () => {
    for (const at of [JANUARY, FEBRUARY, MARCH]) await newNode().seal('acme', 2, at)
    assert.deepEqual(await partitions(), [
      ['events_2026_01', 2],
      ['events_2026_02', 2],
      ['events_2026_03', 2],
      ['events_2026_04', 0],
    ])
    const read = await storage.trail.read(0, 10)
    assert.deepEqual(
      read.map(({ position }) => position),
      [1, 2, 3, 4, 5, 6],
    )
  })

  test('seal() makes one partition of a month, however many nodes begin it at once', async () => {
    await Promise.allSettled(
      Array.from({ length: 8 }, (_, node) => newNode().seal(`org-${node}`, 1, FEBRUARY)),
    )
    await newNode().seal('last', 1, FEBRUARY)
    const names = (await partitions()).map(([name]) => name)
    assert.deepEqual(names, ['events_2026_02', 'events_2026_03'])
    assert.equal((await storage.trail.read(0, 100)).length, 9)
  })

  test('seal() begins a month while somebody reads the events, as a backup does', async () => {
    await newNode().seal('acme', 1, JANUARY)
    await whileReading(async () => {
      await newNode().seal('acme', 1, MARCH)
      assert.equal((await storage.trail.read(0, 10)).length, 2)
    })
  })

  test('forget() drops the months that checkpoints have let go of, as a whole', async () => {
    for (const at of [JANUARY, FEBRUARY, MARCH])
      for (const organization of ['acme', 'other']) await newNode().seal(organization, 3, at)
    for (const organization of ['acme', 'other']) await putCheckpoint(storage, organization, 6)
    assert.equal(await storage.trail.forget(MARCH), 6)
    assert.equal(await storage.trail.forget(MARCH), 6)
    assert.equal(await storage.trail.forget(MARCH), 0)
    const names = (await partitions()).map(([name]) => name)
    assert.deepEqual(names, ['events_2026_03', 'events_2026_04'])
  })

  test('forget() keeps what one chain has not let go, and takes what the others have', async () => {
    for (const organization of ['acme', 'broken']) await newNode().seal(organization, 3, JANUARY)
    await newNode().seal('acme', 1, MARCH)
    await putCheckpoint(storage, 'acme', 3)
    assert.equal(await storage.trail.forget(MARCH), 3)
    assert.equal(await storage.trail.forget(MARCH), 0)
    assert.equal((await storage.trail.links('broken', 0, 10)).length, 3)
    await putCheckpoint(storage, 'broken', 3)
    assert.equal(await storage.trail.forget(MARCH), 3)
    const names = (await partitions()).map(([name]) => name)
    assert.deepEqual(names, ['events_2026_02', 'events_2026_03', 'events_2026_04'])
  })

  test('forget() drops no month into which something may still be sealed', async () => {
    await newNode().seal('acme', 3, JANUARY)
    await putCheckpoint(storage, 'acme', 3)
    assert.equal(await storage.trail.forget(MARCH), 3)
    assert.deepEqual((await partitions())[0], ['events_2026_01', 0])
    await newNode().seal('acme', 1, JANUARY)
    assert.equal((await storage.trail.links('acme', 0, 10)).length, 1)
  })

  test('forget() gives way to whoever reads the events, and comes back', async () => {
    await newNode().seal('acme', 3, JANUARY)
    await newNode().seal('acme', 1, MARCH)
    await putCheckpoint(storage, 'acme', 3)
    await whileReading(async () => assert.equal(await storage.trail.forget(MARCH), 0))
    assert.equal(await storage.trail.forget(MARCH), 3)
  })

  test('migrate() takes the events of one table along into their months', async () => {
    const { url, drop } = await createDatabase(database.url)
    const older = new pg.Pool({ connectionString: url, max: 2 })
    older.on('error', () => undefined)
    older.on('connect', (client) => client.on('error', () => undefined))
    await older.query(firstTwo())
    const event = anEvent({ organization: 'acme' })
    const { hash } = linkTo(CHAIN_START, event)
    for (const [index, at] of [JANUARY, FEBRUARY, MARCH].entries())
      await older.query(INSERT_BEFORE, [index + 1, hash, at.getTime(), JSON.stringify(event)])
    await older.query(
      `INSERT INTO countersign.chains (organization, index, hash) VALUES ('acme', 3, $1)`,
      [hash],
    )
    await older.query('UPDATE countersign.stream SET position = 3, sealed_at = $1', [+MARCH])
    assert.deepEqual(await migrate(older), { applied: [3, 4, 5, 6, 7] })
    const moved = postgresStorage({ pool: older })
    await moved.ready()
    const filter = { organization: 'acme', identity: 'idn_1', type: event.type }
    const page = await moved.trail.page({ filter, limit: 10 })
    assert.deepEqual(
      page.map(({ index }) => index),
      [3, 2, 1],
    )
    const need = { events: 1000, since: new Date(0), forgetBefore: MARCH }
    const [found] = await moved.trail.unchecked(need, 10)
    assert.deepEqual(found?.cut, { index: 2, hash })
    await older.end()
    await drop()
  })

  /** A node that knows nothing of what others did. */
  function newNode() {
    const node = postgresStorage({ pool, timeout: 20 })
    return {
      async seal(organization: string, many: number, at: Date): Promise<void> {
        await sealEvents(node, organization, { many, at }).finally(() => node.close())
      },
    }
  }

  async function partitions(): Promise<readonly (readonly [name: string, rows: number])[]> {
    const { rows } = await pool.query(
      `SELECT c.relname AS name, (
         SELECT count(*)::int FROM countersign.events e WHERE e.tableoid = c.oid
       ) AS rows
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'countersign.events'::regclass ORDER BY c.relname`,
    )
    return rows.map(({ name, rows: many }) => [name, many])
  }

  async function whileReading(run: () => Promise<void>): Promise<void> {
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('SELECT count(*) FROM countersign.events')
    try {
      await run()
    } finally {
      await client.query('COMMIT')
      client.release()
    }
  }
})

const INSERT_BEFORE = `
  INSERT INTO countersign.events
    (position, organization, index, hash, sealed_at, happened_at, type, event)
  VALUES ($1, 'acme', $1, $2, $3, 0, 'identity.updated', $4)`

/** The schema as it was before events had months. */
function firstTwo(): string {
  const end = 'COMMIT;\n'
  const nothing = migrationSql({ after: 1000 })
  const later = migrationSql({ after: 2 }).slice(nothing.length - end.length)
  return migrationSql().slice(0, -later.length) + end
}
