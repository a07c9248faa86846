import assert from 'node:assert/strict'
import type { Identity } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import { seedIdentity } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** How identities are found that nobody uses. */
export const disuseCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'identities.unused MUST list exactly the identities of all organizations that are enabled, and were made and last logged in before `since`',
    async (world) => {
      const never = await seedIdentity(world)
      const once = await seedIdentity(world)
      await seedIdentity(world, { createdAt: at(100) })
      await seedIdentity(world, { disabled: true })
      await logIn(world, once, 50)
      assert.deepEqual(await unused(world, 0), [])
      assert.deepEqual(await unused(world, 1), [never.id])
      assert.deepEqual(await unused(world, 50), [never.id])
      assert.deepEqual(await unused(world, 51), [never.id, once.id].sort())
      assert.equal((await world.storage.identities.unused(at(51), 1)).length, 1)
    },
  ),
  storageCase(
    'identities.unused MUST NOT list an identity that was noted after its last login',
    async (world) => {
      const identity = await seedIdentity(world)
      assert.equal(await note(world, identity, 100), true)
      assert.deepEqual(await unused(world, 1000), [])
      const { organization, id } = identity
      assert.deepEqual(await world.storage.identities.find(organization, id), identity)
      await logIn(world, identity, 1000)
      assert.deepEqual(await unused(world, 1000), [])
      assert.deepEqual(await unused(world, 1001), [id])
    },
  ),
  storageCase(
    'identities.noteUnused MUST write its events once for each time that an identity falls out of use, however many nodes note it',
    async (world) => {
      const identity = await seedIdentity(world)
      for (const seconds of [100, 300]) {
        const answers = await race(world.racers, () => note(world, identity, seconds))
        assert.equal(answers.filter(Boolean).length, 1)
        await logIn(world, identity, seconds + 100)
      }
      assert.equal((await world.eventIds()).length, 2)
    },
  ),
  storageCase(
    'identities.noteUnused MUST write no event where the identity is gone, disabled, of another organization, or logged in at or after `since`',
    async (world) => {
      const { identities } = world.storage
      const gone = await seedIdentity(world)
      await identities.remove([gone.organization, gone.id], [])
      const disabled = await seedIdentity(world, { disabled: true })
      const { organization } = await seedIdentity(world)
      const foreign = { ...(await seedIdentity(world)), organization }
      const used = await seedIdentity(world)
      await logIn(world, used, 100)
      for (const each of [gone, disabled, foreign, used])
        assert.equal(await note(world, each, 100), false)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
]

function logIn({ storage }: World, { organization, id }: Identity, seconds: number): Promise<void> {
  const used = { firstUsedAt: at(seconds), lastUsedAt: at(seconds) }
  return storage.clientSecrets.record([{ organization, identity: id, uses: 1, ...used }])
}

function note(
  { storage, records }: World,
  { organization, id }: Identity,
  seconds: number,
): Promise<boolean> {
  const disuse = { organization, id, since: at(seconds), now: at(seconds) }
  return storage.identities.noteUnused(disuse, [records.event('identity.unused')])
}

async function unused({ storage }: World, seconds: number): Promise<readonly string[]> {
  const found = await storage.identities.unused(at(seconds), 10)
  return found.map(({ id }) => id).sort()
}
