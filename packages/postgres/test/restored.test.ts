import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Countersign } from '@countersign/core'
import type { RestoredOptions } from '@countersign/postgres'
import { restored } from '@countersign/postgres'
import type { TestDatabase } from '@countersign/testkit'
import { createDatabase } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, onTestFinished, test } from 'vitest'
import { openDatabase, serverFor } from './support/database.ts'
import type { Workload } from './support/engine.ts'
import { anEngine, aRootKey, aWorkload, lineSink, logIn, source } from './support/engine.ts'

const server = await serverFor(18)
const BIN = fileURLToPath(new URL('../bin/countersign-postgres.mjs', import.meta.url))
const rootKeys = [aRootKey()]
const lines: string[] = []

/** What stood when the backup was made, and what became of each afterwards. */
interface World {
  readonly kept: Workload
  readonly limited: Workload
  readonly revoked: Workload
  readonly removed: Workload
  readonly rotated: Workload
  readonly disabled: Workload
  readonly enabled: Workload
  readonly deleted: Workload
  readonly detached: Workload
  readonly token: string
  readonly staticTokens: readonly string[]
}

describe.skipIf(server === undefined)('restored()', () => {
  let backup: TestDatabase
  let world: World
  const pools: pg.Pool[] = []

  const connect = (url: string): pg.Pool => {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    pool.on('connect', (client) => client.on('error', () => undefined))
    pools.push(pool)
    return pool
  }
  const endAll = async (): Promise<void> => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  }

  beforeAll(async () => {
    const live = await openDatabase()
    assert.ok(live && server)
    world = await anOldWorld(live.pool)
    await live.pool.end()
    // Postgres copies the files of the database.
    backup = await createDatabase(server, live.url)
    const pool = connect(live.url)
    await changeEverything(pool, world)
    await endAll()
  })
  afterEach(endAll)
  afterAll(() => backup.drop())

  /** What an administrator has after a restore: the files of the backup, and a connection. */
  async function restore(): Promise<{ readonly url: string; readonly pool: pg.Pool }> {
    const database = await createDatabase(server ?? '', backup.url)
    onTestFinished(async () => {
      await endAll()
      await database.drop()
    })
    return { url: database.url, pool: connect(database.url) }
  }

  async function afterRestore(options: RestoredOptions): Promise<Countersign> {
    const { pool } = await restore()
    await restored(pool, options)
    return anEngine(pool, { rootKeys })
  }

  test('refuses every token that was issued before, and lets credentials make new ones', async () => {
    const countersign = await afterRestore({})
    const { token, kept } = world
    const refused = { code: 'invalid_token', reason: 'token_revoked' }
    await assert.rejects(countersign.authenticate(token, source), refused)
    await assert.rejects(countersign.renew(token, source), refused)
    const fresh = await logIn(countersign, kept)
    assert.equal((await countersign.authenticate(fresh, source)).identity, kept.identity)
  })

  test('refills no use: what is limited counts as used up', async () => {
    const countersign = await afterRestore({})
    const exhausted = { code: 'invalid_credential', reason: 'secret_exhausted' }
    await assert.rejects(logIn(countersign, world.limited), exhausted)
    const [, limitedToken = ''] = world.staticTokens
    const refused = { code: 'invalid_token', reason: 'token_exhausted' }
    await assert.rejects(countersign.authenticate(limitedToken, source), refused)
  })

  test('leaves uses as the backup has them where it is told so', async () => {
    const countersign = await afterRestore({ keepUses: true })
    assert.ok(await logIn(countersign, world.limited))
  })

  test('revives nothing that the events of a sink took away', async () => {
    const countersign = await afterRestore({ events: inTurn(lines) })
    const reasons = {
      revoked: 'secret_revoked',
      removed: 'secret_revoked',
      rotated: 'secret_expired',
      disabled: 'identity_disabled',
      deleted: 'identity_disabled',
      detached: 'unknown_client',
    } as const
    for (const [name, reason] of Object.entries(reasons))
      await assert.rejects(logIn(countersign, world[name as keyof typeof reasons]), {
        code: 'invalid_credential',
        reason,
      })
    const [revokedToken = ''] = world.staticTokens
    const refused = { code: 'invalid_token', reason: 'token_revoked' }
    await assert.rejects(countersign.authenticate(revokedToken, source), refused)
    assert.ok(await logIn(countersign, world.kept))
    assert.ok(await logIn(countersign, world.enabled))
  })

  test('takes no deny away, and takes away again what was granted', async () => {
    const countersign = await afterRestore({ events: inTurn(lines) })
    const { organization, identity } = world.kept
    const subject = { identity }
    const host = countersign.asHost('test')
    const { items } = await host.roleBindings.list({ organization, subject })
    const held = items.map(
      (item) => ('rules' in item && item.rules) || ('role' in item && item.role),
    )
    assert.deepEqual(held, ['no-access', [{ deny: ['identity:read'] }]])
  })

  test('begins another epoch each time, also from the same backup', async () => {
    const first = await restore()
    await restored(first.pool)
    const countersign = await anEngine(first.pool, { rootKeys })
    const token = await logIn(countersign, world.kept)
    const again = await afterRestore({})
    const refused = { code: 'invalid_token', reason: 'token_revoked' }
    await assert.rejects(again.authenticate(token, source), refused)
  })

  test('begins an epoch behind every one that a sink was told of', async () => {
    const { pool } = await restore()
    const told = { epoch: 8_000_000_000_000 }
    const line = JSON.stringify({ ...JSON.parse(lines[0] ?? ''), ...restoredEvent(told) })
    const { epoch } = await restored(pool, { events: inTurn([line]) })
    assert.equal(epoch, told.epoch + 1)
  })

  test('records one event with what it did', async () => {
    const { pool } = await restore()
    const { epoch, exhausted, retaken } = await restored(pool, { events: inTurn(lines) })
    const { rows } = await pool.query('SELECT event FROM countersign.outbox')
    const [event, ...others] = rows.map((row) => row.event).filter(isAboutRestore)
    assert.deepEqual(others, [])
    assert.deepEqual(event.details, { epoch, exhausted, retaken })
    assert.deepEqual([exhausted, retaken], [2, 8])
    const countersign = await anEngine(pool, { rootKeys })
    await countersign.close()
  })

  test('accepts a last line that was cut off, and changes nothing where another one is broken', async () => {
    const { pool } = await restore()
    const broken = ['{"v":1,"id":"evt_']
    await assert.rejects(restored(pool, { events: inTurn([...broken, ...lines]) }), {
      message: 'Line 1 of the events is no event',
    })
    const { rows } = await pool.query('SELECT epoch FROM countersign.deployment')
    assert.deepEqual(rows, [{ epoch: '0' }])
    assert.ok((await restored(pool, { events: inTurn([...lines, ...broken]) })).epoch > 0)
  })

  test('is a command that reads the file of a sink', async () => {
    const { pool, url } = await restore()
    const folder = mkdtempSync(join(tmpdir(), 'restored-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'events.ndjson')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const flags = ['--conditions=@countersign/source', '--import', 'tsx', BIN, 'restored']
    const env = { ...process.env, DATABASE_URL: url }
    const done = spawnSync(process.execPath, [...flags, '--events', file], {
      env,
      encoding: 'utf8',
    })
    assert.match(done.stdout, /^Epoch \d+ begins; 2 used up, 8 taken away again\n$/)
    const { rows } = await pool.query('SELECT epoch > 0 AS raised FROM countersign.deployment')
    assert.deepEqual(rows, [{ raised: true }])
  })
})

async function anOldWorld(pool: pg.Pool): Promise<World> {
  const countersign = await anEngine(pool, { rootKeys })
  const host = countersign.asHost('test')
  const named = (name: string) => aWorkload(countersign, { name })
  const kept = await named('kept')
  const { organization, identity } = kept
  const subject = { identity }
  await host.roleBindings.create({ organization, subject, role: 'admin' })
  const rules = [{ deny: ['identity:read'] as const }]
  await host.roleBindings.create({ organization, subject, rules })
  const limited = await aWorkload(countersign, { name: 'limited', maxUses: 5 })
  await logIn(countersign, limited)
  await host.authMethods.attach({ organization, identity, method: 'token' })
  const tokens = []
  for (const limit of [{}, { maxUses: 5 }])
    tokens.push(await host.staticTokens.create({ organization, identity, name: 'tool', ...limit }))
  const world = {
    kept,
    limited,
    revoked: await named('revoked'),
    removed: await named('removed'),
    rotated: await named('rotated'),
    disabled: await named('disabled'),
    enabled: await named('enabled'),
    deleted: await named('deleted'),
    detached: await named('detached'),
    token: await logIn(countersign, kept),
    staticTokens: tokens.map(({ staticToken }) => staticToken),
  }
  await countersign.close()
  return world
}

/** Everything that a backup does not know: what was revoked, spent, deleted and taken away since. */
async function changeEverything(pool: pg.Pool, world: World): Promise<void> {
  const countersign = await anEngine(pool, { rootKeys, sinks: [lineSink(lines)] })
  const host = countersign.asHost('test')
  const { organization } = world.kept
  const keyOf = ({ identity }: Workload) => ({ organization, id: identity })
  for (let use = 1; use < 5; use += 1) await logIn(countersign, world.limited)
  await countersign.revoke(world.token, source)
  await host.clientSecrets.revoke({ organization, id: world.revoked.secret })
  await host.clientSecrets.delete({ organization, id: world.removed.secret })
  await host.clientSecrets.rotate({ organization, id: world.rotated.secret, overlap: 0 })
  await host.identities.update({ ...keyOf(world.disabled), disabled: true })
  await host.identities.update({ ...keyOf(world.enabled), disabled: true })
  await host.identities.update({ ...keyOf(world.enabled), disabled: false })
  await host.identities.delete(keyOf(world.deleted))
  const method = { organization, identity: world.detached.identity, method: 'universal' } as const
  await host.authMethods.detach(method)
  const { identity } = world.kept
  const { items: tokens } = await host.staticTokens.list({ organization, identity })
  const unlimited = tokens.find(({ maxUses }) => maxUses === undefined)
  await host.staticTokens.revoke({ organization, id: unlimited?.id ?? '' })
  const subject = { identity }
  const { items } = await host.roleBindings.list({ organization, subject })
  for (const { id, ...binding } of items)
    if (!('role' in binding && binding.role === 'no-access'))
      await host.roleBindings.delete({ organization, id })
  await countersign.close()
}

async function* inTurn(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
}

function restoredEvent(details: object) {
  return { type: 'storage.restored', target: { kind: 'storage', id: 'countersign' }, details }
}

function isAboutRestore({ type }: { readonly type: string }): boolean {
  return type === 'storage.restored'
}
