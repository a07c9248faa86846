import assert from 'node:assert/strict'
import type { ChainLink, Checkpoint, CheckpointNeed } from '@countersign/core/plugin'
import { CHAIN_START } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import { sealEvents } from './sealing.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** Nothing needs this, unless a case says more. */
export const NO_NEED: CheckpointNeed = { events: 1000, since: at(-1000) }

/** A checkpoint that reaches to an index, and lets go up to another one. */
export async function checkpointAt(
  { storage }: World,
  organization: string | undefined,
  index: number,
  anchorIndex = 0,
): Promise<Checkpoint> {
  const links = [CHAIN_START, ...(await storage.trail.links(organization, 0, 1000))]
  const linkAt = (wanted: number): ChainLink => {
    const found = links.find((link) => link.index === wanted)
    assert.ok(found, 'there is no such link')
    return { index: found.index, hash: found.hash }
  }
  const signed = { at: at(9), kid: 'key-1', jws: `jws of ${index}` }
  const named = organization === undefined ? {} : { organization }
  return { ...named, ...linkAt(index), anchor: linkAt(anchorIndex), ...signed }
}

/** Which chains need a checkpoint, and what becomes of one. */
export const checkpointCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'trail.unchecked MUST answer the chains with so many events behind their checkpoint, and only those',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'many', 3)
      await sealEvents(world, 'few', 2)
      const need = { ...NO_NEED, events: 3 }
      const [many, ...rest] = await trail.unchecked(need, 10)
      const { head } = await trail.chain('many')
      assert.deepEqual([many, rest], [{ organization: 'many', head }, []])
      const checkpoint = await checkpointAt(world, 'many', 1)
      assert.equal(await trail.checkpoint(checkpoint), true)
      assert.deepEqual(await trail.unchecked(need, 10), [])
      await sealEvents(world, 'many', 1)
      const { head: newer } = await trail.chain('many')
      assert.deepEqual(await trail.unchecked(need, 10), [
        { organization: 'many', head: newer, checkpoint },
      ])
      assert.equal((await trail.unchecked({ ...need, events: 1 }, 1)).length, 1)
    },
  ),
  storageCase(
    'trail.unchecked MUST answer the chains whose oldest event behind the checkpoint is of `since` or before',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, undefined, 1, at(10))
      await sealEvents(world, undefined, 1, at(20))
      const find = async (since: Date) => (await trail.unchecked({ ...NO_NEED, since }, 10)).length
      assert.deepEqual([await find(at(9)), await find(at(10))], [0, 1])
      await trail.checkpoint(await checkpointAt(world, undefined, 1))
      assert.deepEqual([await find(at(19)), await find(at(20))], [0, 1])
      await trail.checkpoint(await checkpointAt(world, undefined, 2))
      assert.equal(await find(at(1000)), 0)
    },
  ),
  storageCase(
    'trail.unchecked MUST answer the chains whose checkpoint is signed by another key',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 2)
      await trail.checkpoint(await checkpointAt(world, 'acme', 2))
      assert.deepEqual(await trail.unchecked({ ...NO_NEED, kid: 'key-1' }, 10), [])
      const [found] = await trail.unchecked({ ...NO_NEED, kid: 'key-2' }, 10)
      assert.equal(found?.organization, 'acme')
    },
  ),
  storageCase(
    'trail.checkpoint MUST put a checkpoint in the place of one that reaches no further',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 4)
      await sealEvents(world, undefined, 1)
      for (const [index, anchor] of [
        [1, 0],
        [3, 0],
        [3, 2],
        [4, 2],
        [4, 2],
      ] as const) {
        const checkpoint = await checkpointAt(world, 'acme', index, anchor)
        assert.equal(await trail.checkpoint(checkpoint), true)
        assert.deepEqual((await trail.chain('acme')).checkpoint, checkpoint)
      }
      assert.equal((await trail.chain(undefined)).checkpoint, undefined)
    },
  ),
  storageCase(
    'trail.checkpoint MUST answer false and change nothing where one reaches further',
    async (world) => {
      const { trail } = world.storage
      await sealEvents(world, 'acme', 4)
      const checkpoint = await checkpointAt(world, 'acme', 3, 2)
      await trail.checkpoint(checkpoint)
      for (const [index, anchor] of [
        [2, 2],
        [4, 1],
        [3, 1],
      ] as const)
        assert.equal(
          await trail.checkpoint(await checkpointAt(world, 'acme', index, anchor)),
          false,
        )
      assert.deepEqual((await trail.chain('acme')).checkpoint, checkpoint)
    },
  ),
]
