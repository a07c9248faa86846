import assert from 'node:assert/strict'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { at } from './support/records.ts'
import { eventsOf, putCheckpoint, seal, sealEvents } from './support/sealing.ts'

const database = await openDatabase()
const rounds = process.env['COUNTERSIGN_SOAK'] === '1' ? 400 : 100

describe.skipIf(database === undefined)('checkpoints of chains that grow', () => {
  if (database === undefined) return
  const { pool } = database
  const storage = postgresStorage({ pool, timeout: 20 })
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  test('unchecked() misses no event that was sealed while its chain was signed', async () => {
    await sealEvents(storage, 'acme', { many: 1, at: at(0) })
    for (let round = 1; round <= rounds; round += 1) {
      await storage.outbox.append(eventsOf('acme', 2, { at: at(round) }))
      await Promise.all([putCheckpoint(storage, 'acme', anchorIn(round)), seal(storage, at(round))])
      const { rows } = await pool.query(KNOWN)
      const [{ unchecked_since, first_unchecked, kept_since, first_kept }] = rows
      assert.equal(unchecked_since === null, first_unchecked === null)
      assert.ok(Number(unchecked_since) <= Number(first_unchecked))
      assert.equal(kept_since === null, first_kept === null)
      assert.ok(Number(kept_since) <= Number(first_kept))
    }
    await putCheckpoint(storage, 'acme', anchorIn(rounds))
    const { head } = await storage.trail.chain('acme')
    const none = await storage.trail.unchecked({ events: 1, since: at(rounds + 1) }, 10)
    assert.deepEqual([head.index, none], [1 + 2 * rounds, []])
  })

  test('a chain that somebody set back is sealed on, and told apart by verification alone', async () => {
    await sealEvents(storage, 'acme', { many: 5, at: at(0) })
    await putCheckpoint(storage, 'acme')
    await pool.query(`UPDATE countersign.chains SET index = 2 WHERE organization = 'acme'`)
    await storage.outbox.append([...eventsOf('acme', 1), ...eventsOf('other', 1)])
    // Index 3 stands there already, sealed at another instant: the stream of all others goes on.
    assert.equal(await seal(storage, at(1)), true)
    assert.equal((await storage.trail.links('other', 0, 10)).length, 1)
  })
})

/** How far a round lets go: farther in each seventh one. */
const anchorIn = (round: number): number => round - (round % 7)

const KNOWN = `
  SELECT c.unchecked_since, c.kept_since,
    (SELECT min(sealed_at) FROM countersign.events e
      WHERE e.organization = c.organization AND e.index > c.checkpoint_index) AS first_unchecked,
    (SELECT min(sealed_at) FROM countersign.events e
      WHERE e.organization = c.organization AND e.index > c.anchor_index) AS first_kept
  FROM countersign.chains c`
