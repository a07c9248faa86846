import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Countersign, Event } from '@countersign/core'
import type { SealedEvent } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeEach, describe, onTestFinished, test } from 'vitest'
import { startChild } from '../support/children.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, aWorkload, lineSink } from '../support/engine.ts'
import type { Killable } from '../support/killable.ts'
import { startKillable } from '../support/killable.ts'

const database = await openDatabase()
const isSoak = process.env['COUNTERSIGN_SOAK'] === '1'
const KILLS = isSoak ? 200 : 8
/** Logins between two kills of one process, at the most. */
const LIFE = isSoak ? 100 : 60
const PROCESSES = 4
const PATIENCE = isSoak ? 1_800_000 : 120_000
const APPENDS = isSoak ? 1250 : 200

describe.skipIf(database === undefined)('audit by several processes', () => {
  if (database === undefined) return
  const { pool, url } = database
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  test(
    'AUD-003 no event is lost and none is sealed twice while processes are killed',
    async () => {
      const rootKey = aRootKey()
      const first = await anEngine(pool, { rootKeys: [rootKey] })
      const { identity, clientSecret, secret } = await aWorkload(first, { maxUses: 1_000_000 })
      const files = aFolder()
      const values = [url, rootKey, identity, clientSecret, files.granted, files.sunk]
      await killOneOfTwo(() => startKillable('audited-logins.ts', values))
      // Whoever held the sink is dead: a minute later it is anybody's.
      await pool.query('UPDATE countersign.sink_places SET until = 0')
      const lines: string[] = []
      const last = await anEngine(pool, { rootKeys: [rootKey], sinks: [lineSink(lines)] })
      await maintainAll(last)

      const rows = await trailOf()
      const events = rows.map(({ event }) => event)
      assertOneStream(rows)
      const logins = events.filter(({ type }) => type === 'login.granted')
      const named = new Set(logins.map(({ details }) => details?.['jti']))
      const reported = linesOf(readFileSync(files.granted, 'utf8'))
      assert.ok(reported.length > KILLS)
      assert.equal(named.size, logins.length)
      for (const jti of reported) assert.ok(named.has(jti), `the login of ${jti} left no event`)
      const { rows: counted } = await pool.query(
        'SELECT uses FROM countersign.credentials WHERE id = $1',
        [secret],
      )
      assert.equal(Number(counted[0]?.uses), logins.length)
      const sunk = [...linesOf(readFileSync(files.sunk, 'utf8')), ...lines]
      assertSunk(
        sunk.map((line) => JSON.parse(line)),
        events,
      )
      const verdict = await last.asHost('test').events.verify()
      assert.deepEqual([verdict.intact, verdict.open, verdict.events], [true, 0, events.length])
      for (const engine of [first, last]) await engine.close()
    },
    PATIENCE,
  )

  test(
    'AUD-007 eight writers in four processes make one chain without a fork or a gap',
    async () => {
      const rootKey = aRootKey()
      const children = await Promise.all(
        Array.from({ length: PROCESSES }, (_, process) =>
          startChild('trail-writer.ts', [url, rootKey, `p${process}`, String(APPENDS)]),
        ),
      )
      await Promise.all(children.map((child) => child.finish()))
      const countersign = await anEngine(pool, { rootKeys: [rootKey] })
      await maintainAll(countersign)
      const rows = await trailOf()
      assertOneStream(rows)
      const mine = rows.filter(({ event }) => event.organization === 'acme')
      assert.equal(mine.length, 2 * PROCESSES * APPENDS)
      assert.deepEqual(
        mine.map(({ index }) => index),
        mine.map((_, place) => place + 1),
      )
      for (const [writer, places] of placesByWriter(mine))
        assert.deepEqual(
          places,
          [...places].sort((one, other) => one - other),
          writer,
        )
      const verdict = await countersign.asHost('test').events.verify()
      assert.deepEqual([verdict.intact, verdict.open], [true, 0])
      await countersign.close()
    },
    PATIENCE,
  )

  async function trailOf(): Promise<readonly SealedEvent[]> {
    const storage = postgresStorage({ pool, timeout: 20 })
    const rows = await storage.trail.read(0, 1_000_000)
    await storage.close()
    return rows
  }
})

/** Keeps two processes at work, and kills the older one again and again. */
async function killOneOfTwo(start: () => Killable): Promise<void> {
  let pair: readonly [older: Killable, younger: Killable] = [start(), start()]
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const [older, younger] = pair
    await older.killAfter(1 + ((kill * 17) % LIFE))
    pair = [younger, start()]
  }
  await Promise.all(pair.map((process) => process.killAfter(1)))
}

function aFolder(): { readonly granted: string; readonly sunk: string } {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = { granted: join(folder, 'granted'), sunk: join(folder, 'sunk') }
  for (const file of Object.values(files)) writeFileSync(file, '')
  return files
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

async function maintainAll({ maintain }: Countersign): Promise<void> {
  for (;;) if ((await maintain()).done) return
}

/** Every position once, and no event at two of them. */
function assertOneStream(rows: readonly SealedEvent[]): void {
  assert.deepEqual(
    rows.map(({ position }) => position),
    rows.map((_, place) => place + 1),
  )
  assert.equal(new Set(rows.map(({ event }) => event.id)).size, rows.length)
}

/** A sink got every event, and where it got one twice, twice the same. */
function assertSunk(sunk: readonly Event[], events: readonly Event[]): void {
  const byId = new Map(sunk.map((event) => [event.id, JSON.stringify(event)]))
  assert.deepEqual([...byId.keys()].sort(), events.map(({ id }) => id).sort())
  for (const event of sunk) assert.equal(JSON.stringify(event), byId.get(event.id))
}

/** In which order the events of each writer stand. */
function placesByWriter(rows: readonly SealedEvent[]): ReadonlyMap<string, number[]> {
  const places = new Map<string, number[]>()
  for (const { event } of rows) {
    const known = places.get(event.target.id) ?? []
    known.push(Number(event.details?.['place']))
    places.set(event.target.id, known)
  }
  return places
}
