import assert from 'node:assert/strict'
import { days, later } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { checkpointAt, NO_NEED } from './checkpoints.ts'
import { at } from './records.ts'
import { sealEvents } from './sealing.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** So long before the beginning of every case that a storage which drops whole months has to let go of it. */
const OLD = later(at(0), -days(100))
const NEWER = later(OLD, days(1))
/** The last instant of a month: where a storage that drops whole months would first forget too much. */
const LAST = new Date('2025-11-30T23:59:59.999Z')

/** What retention may take, and what it must. */
export const forgetCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'trail.unchecked MUST answer as `cut` the last of the leading events that were sealed before `forgetBefore`',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 2, OLD)
      await sealEvents(world, 'young', 1, at(0))
      await sealEvents(world, 'acme', 1, at(0))
      const need = { ...NO_NEED, forgetBefore: at(0), since: later(OLD, -1) }
      const [, last] = await trail.links('acme', 0, 10)
      assert.ok(last)
      const cut = { index: 2, hash: last.hash }
      const { head } = await trail.chain('acme')
      assert.deepEqual(await trail.unchecked(need, 10), [{ organization: 'acme', head, cut }])
      await trail.checkpoint(await checkpointAt(world, 'acme', 3, 2))
      assert.deepEqual(await trail.unchecked(need, 10), [])
    },
  ),
  storageCase(
    'trail.unchecked MUST NOT answer as `cut` what was sealed at `forgetBefore` or later',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 2, LAST)
      const need = { ...NO_NEED, since: OLD, forgetBefore: LAST }
      assert.deepEqual(await trail.unchecked(need, 10), [])
    },
  ),
  storageCase(
    "trail.forget MUST NOT forget an event that is behind the anchor of its chain's checkpoint",
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 3, OLD)
      await sealEvents(world, 'other', 2, OLD)
      await sealEvents(world, undefined, 1, OLD)
      assert.equal(await forgetAll(world, at(0)), 0)
      await trail.checkpoint(await checkpointAt(world, 'acme', 3, 1))
      await forgetAll(world, at(0))
      assert.deepEqual(
        (await trail.links('acme', 1, 10)).map(({ index }) => index),
        [2, 3],
      )
      assert.equal((await trail.links('other', 0, 10)).length, 2)
      assert.equal((await trail.links(undefined, 0, 10)).length, 1)
    },
  ),
  storageCase(
    'trail.forget MUST NOT forget what was sealed at `before` or later',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 3, LAST)
      await trail.checkpoint(await checkpointAt(world, 'acme', 3, 3))
      assert.equal(await forgetAll(world, LAST), 0)
      assert.equal((await trail.links('acme', 0, 10)).length, 3)
    },
  ),
  storageCase(
    'trail.forget MUST forget what was sealed 31 days before `before`, and answer how many',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 3, OLD)
      await sealEvents(world, 'other', 2, NEWER)
      await sealEvents(world, 'acme', 2, at(0))
      await trail.checkpoint(await checkpointAt(world, 'acme', 5, 3))
      await trail.checkpoint(await checkpointAt(world, 'other', 2, 2))
      assert.equal(await forgetAll(world, later(NEWER, days(31))), 5)
      assert.deepEqual(
        (await trail.read(0, 100)).map(({ position, index }) => [position, index]),
        [
          [6, 4],
          [7, 5],
        ],
      )
      assert.deepEqual(await trail.links('other', 0, 10), [])
      assert.equal((await trail.chain('other')).head.index, 2)
      await sealEvents(world, 'other', 1, at(1))
      const [next] = await trail.links('other', 0, 10)
      assert.deepEqual([next?.position, next?.index], [8, 3])
    },
  ),
]

/** Forgets until a pass finds nothing, and answers how many that were. */
async function forgetAll({ storage }: World, before: Date): Promise<number> {
  let forgotten = 0
  for (;;) {
    const pass = await storage.trail.forget(before)
    forgotten += pass
    if (pass === 0) return forgotten
  }
}
