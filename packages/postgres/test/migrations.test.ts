import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkSchema, migrate, migrationSql, postgresStorage } from '@countersign/postgres'
import { createDatabase, serverUrl } from '@countersign/testkit'
import pg from 'pg'
import { afterEach, beforeEach, describe, inject, test } from 'vitest'
import { startChild } from './support/children.ts'
import { anEvent, anOrganization } from './support/records.ts'

const server = await serverUrl(inject('servers'), 'postgres-18')
const BIN = fileURLToPath(new URL('../bin/countersign-postgres.mjs', import.meta.url))

describe.skipIf(server === undefined)('migrations', () => {
  let url = ''
  let pool: pg.Pool
  let drop = async () => {}
  beforeEach(async () => {
    ;({ url, drop } = await createDatabase(server ?? ''))
    pool = new pg.Pool({ connectionString: url, max: 4 })
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
  })
  afterEach(async () => {
    await pool.end()
    await drop()
  })

  test('migrate() makes the schema once, and finds it done from then on', async () => {
    assert.deepEqual(await migrate(pool), { applied: [1, 2, 3, 4, 5, 6, 7, 8] })
    assert.deepEqual(await migrate(pool), { applied: [] })
    await checkSchema(pool)
    await postgresStorage({ pool }).ready()
  })

  test('migrate() makes one schema, from five processes at once on an empty database', async () => {
    const children = await Promise.all([1, 2, 3, 4, 5].map(() => startChild('migrate.ts', [url])))
    const answers = await Promise.all(children.map((child) => child.finish()))
    const applied = answers.map((answer) => JSON.parse(answer).applied.length as number)
    assert.deepEqual(applied.sort(), [0, 0, 0, 0, 8])
    await checkSchema(pool)
    const { rows } = await pool.query('SELECT version FROM countersign.migrations ORDER BY version')
    assert.deepEqual(
      rows.map(({ version }) => version),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
  }, 60_000)

  test('migrate() leaves nothing behind where a migration fails', async () => {
    await pool.query('CREATE SCHEMA countersign; CREATE TABLE countersign.events (id int)')
    await assert.rejects(migrate(pool), { code: '42P07' })
    const { rows } = await pool.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'countersign'`,
    )
    assert.deepEqual(rows, [{ table_name: 'events' }])
  })

  test('migrate() keeps two deployments apart, each in a schema of its own', async () => {
    const names = ['first', 'Second']
    for (const schema of names) await migrate(pool, { schema })
    const [first, second] = names.map((schema) => postgresStorage({ pool, schema }))
    assert.ok(first && second)
    await first.organizations.insert(anOrganization(), [anEvent()])
    assert.equal(await second.organizations.find('acme'), undefined)
    assert.deepEqual((await second.trail.open(10)).events, [])
    await checkSchema(pool, { schema: 'first' })
  })

  test('checkSchema() says what is missing, changed or too new', async () => {
    await assert.rejects(checkSchema(pool), { message: /^The schema is missing: run/ })
    await migrate(pool)
    await pool.query(`UPDATE countersign.migrations SET checksum = 'other' WHERE version = 1`)
    await assert.rejects(checkSchema(pool), { message: /made by another text of a migration/ })
    await assert.rejects(migrate(pool), { message: /made by another text of a migration/ })
  })

  test('checkSchema() accepts a newer schema that is compatible, and refuses one that is not', async () => {
    await migrate(pool)
    const add = `INSERT INTO countersign.migrations (version, name, checksum, breaking) VALUES`
    await pool.query(`${add} (1000, 'later', 'any', false)`)
    await checkSchema(pool)
    await pool.query(`${add} (1001, 'much later', 'any', true)`)
    await assert.rejects(checkSchema(pool), { message: /^The schema is newer than this package/ })
    await assert.rejects(migrate(pool), { message: /^The schema is newer than this package/ })
  })

  test('checkSchema() says that a schema is older than the package', async () => {
    await migrate(pool)
    await pool.query('DELETE FROM countersign.migrations WHERE version = 5')
    await assert.rejects(checkSchema(pool), { message: /^The schema is older than this package/ })
  })

  test('migrationSql() makes for an administrator what migrate() makes, and a role that may only run the engine', async () => {
    const role = `runtime_${process.pid}`
    await pool.query(`CREATE ROLE ${role} LOGIN`)
    await pool.query(migrationSql({ runtime: role }))
    const running = new URL(url)
    running.username = role
    const runtime = new pg.Pool({ connectionString: running.href, max: 2 })
    const storage = postgresStorage({ pool: runtime })
    await storage.ready()
    await storage.organizations.insert(anOrganization(), [anEvent({ organization: 'acme' })])
    const batch = await storage.trail.open(10)
    const [open] = batch.events
    assert.ok(open)
    const link = { index: 1, hash: 'hash' }
    const sealed = { after: 0, at: new Date(0), events: [{ ...open, position: 1, ...link }] }
    assert.equal(await storage.trail.seal(sealed), true)
    assert.equal(await storage.trail.forget(new Date()), 0)
    for (const forbidden of [
      'UPDATE countersign.events SET hash = hash',
      'DELETE FROM countersign.events',
      'DELETE FROM countersign.events_1970_01',
      'DROP TABLE countersign.events_1970_01',
      'ALTER TABLE countersign.events DETACH PARTITION countersign.events_1970_01',
      'TRUNCATE countersign.events',
      'UPDATE countersign.outbox SET event = event',
      'CREATE TABLE countersign.mine (id int)',
      'DROP TABLE countersign.organizations',
      'ALTER TABLE countersign.events DISABLE TRIGGER ALL',
    ])
      await assert.rejects(runtime.query(forbidden), { code: '42501' }, forbidden)
    await runtime.end()
    await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  test('ready() names a privilege that the role of the connection lacks', async () => {
    const role = `lacking_${process.pid}`
    await pool.query(`CREATE ROLE ${role} LOGIN`)
    await migrate(pool, { runtime: role })
    await pool.query(`REVOKE UPDATE ON countersign.credentials FROM ${role}`)
    const running = new URL(url)
    running.username = role
    const runtime = new pg.Pool({ connectionString: running.href, max: 2 })
    await assert.rejects(postgresStorage({ pool: runtime }).ready(), {
      message: 'The role of this connection lacks UPDATE on credentials',
    })
    await pool.query(`GRANT UPDATE ON countersign.credentials TO ${role}`)
    await pool.query(`REVOKE EXECUTE ON FUNCTION countersign.open_months(bigint) FROM ${role}`)
    await assert.rejects(postgresStorage({ pool: runtime }).ready(), {
      message: 'The role of this connection lacks EXECUTE on open_months(bigint)',
    })
    await runtime.end()
    await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  test('the command line migrates, checks and prints, and tells by its exit code how it went', () => {
    const run = (...values: readonly string[]) => runBin(url, values)
    assert.deepEqual(run('check').status, 1)
    assert.deepEqual(run('migrate'), { status: 0, stdout: 'Applied 1, 2, 3, 4, 5, 6, 7, 8\n' })
    assert.deepEqual(run('migrate'), { status: 0, stdout: 'Nothing was left to do\n' })
    assert.deepEqual(run('check'), { status: 0, stdout: 'The schema is as it should be\n' })
    assert.equal(run('sql', '--schema', 'mine').stdout, migrationSql({ schema: 'mine' }))
    assert.equal(run('destroy').status, 2)
    assert.equal(run('migrate', '--shema', 'mine').status, 2)
    assert.deepEqual(runBin('', ['migrate']), {
      status: 1,
      stdout: 'DATABASE_URL must name the database\n',
    })
  }, 60_000)
})

test('postgresStorage() refuses what cannot be the name of a schema', () => {
  const pool = new pg.Pool()
  for (const schema of ['', 'pg_mine', 'a b', 'a"b', '1a', 'x'.repeat(64)])
    assert.throws(() => postgresStorage({ pool, schema }), { name: 'TypeError' })
})

function runBin(url: string, values: readonly string[]) {
  const flags = ['--conditions=@countersign/source', '--import', 'tsx', BIN]
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...values], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
  })
  assert.equal(stderr, '')
  return { status, stdout }
}
