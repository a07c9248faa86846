import assert from 'node:assert/strict'
import type { CredentialStore, Seconds, StoredCredential } from '@countersign/core/plugin'
import { days } from '@countersign/core/plugin'
import { race } from '../gate.ts'
import type { CredentialCase, CredentialKind } from './credential-kinds.ts'
import { ownerOf, secretKind, seedCredential, staticTokenKind } from './credential-kinds.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import { seedWorkload } from './seed.ts'
import type { World } from './world.ts'

const revocation = { at: at(1), reason: 'leaked', by: { kind: 'engine' } } as const

/** What stores of credentials know of those that end soon. */
export const expiryCases: readonly CredentialCase[] = [
  {
    words:
      '.expiring MUST count exactly the credentials of all organizations that open something, end within `within`, were made for longer and were not replaced',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const [workload, foreign] = [await seedWorkload(world), await seedWorkload(world)]
      await seedOthers(world, kind, workload)
      const early = await seed(world, kind, workload, days(5))
      const late = await seed(world, kind, foreign, days(6))
      assert.deepEqual(idsOf(await expiring(store, days(5) - 1)), [])
      const found = await expiring(store, days(5))
      assert.deepEqual([found.count, found.untold], [1, [early]])
      assert.deepEqual(idsOf(await expiring(store, days(6))), [early.id, late.id])
      const last = { within: days(6), now: new Date(at(days(5)).getTime() - 1) }
      assert.equal((await store.expiring(last, 10)).count, 2)
      const over = { within: days(6), now: at(days(5)) }
      assert.deepEqual(idsOf(await store.expiring(over, 10)), [late.id])
    },
  },
  {
    words:
      '.expiring MUST list at most `limit` credentials, whose end was not noted `within` as many seconds or fewer',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const second = await seed(world, kind, workload, days(3))
      const first = await seed(world, kind, workload, days(2))
      assert.deepEqual(idsOf(await expiring(store, days(4), 1)), [first.id])
      assert.equal(await store.noteExpiry(first, days(4), []), true)
      assert.deepEqual(idsOf(await expiring(store, days(5), 1)), [second.id])
      const told = await expiring(store, days(4))
      assert.deepEqual([told.count, idsOf(told)], [2, [second.id]])
      assert.deepEqual(idsOf(await expiring(store, days(3))), [first.id, second.id])
      assert.deepEqual(await store.find(first.organization, first.id), first)
    },
  },
  {
    words:
      '.noteExpiry MUST write its events once for each credential and `within`, however many nodes note it',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const credential = await seed(world, kind, await seedWorkload(world), days(9))
      for (const within of [days(4), days(2)]) {
        const answers = await race(world.racers, () => note(world, kind, credential, within))
        assert.equal(answers.filter(Boolean).length, 1)
      }
      assert.equal((await world.eventIds()).length, 2)
      assert.equal(await store.noteExpiry(credential, days(3), [world.records.event()]), false)
      assert.equal((await world.eventIds()).length, 2)
    },
  },
  {
    words:
      '.noteExpiry MUST write no event where the credential is gone, revoked, replaced or of another organization',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const gone = await seed(world, kind, workload, days(9))
      await store.remove(gone, [])
      const revoked = await seed(world, kind, workload, days(9))
      await store.revoke(revoked, revocation, [])
      const replaced = await seedReplaced(world, workload)
      const own = await seed(world, kind, workload, days(9))
      const { organization } = await seedWorkload(world)
      for (const each of [gone, revoked, replaced, { ...own, organization }])
        assert.equal(await note(world, kind, each, days(4)), false)
      assert.deepEqual(await world.eventIds(), [])
    },
  },
]

/** Stores a credential that ends so many seconds after the beginning. */
async function seed(
  world: World,
  kind: CredentialKind,
  workload: Workload,
  end: Seconds,
): Promise<StoredCredential> {
  const given = { expiresAt: at(end), createdAt: at(-days(30)) }
  return (await seedCredential(world, kind, workload, given)).credential
}

/** Stores what nobody needs to be told of within five days. */
async function seedOthers(world: World, kind: CredentialKind, workload: Workload): Promise<void> {
  const given = { expiresAt: at(days(4)), createdAt: at(-days(30)) }
  const otherKind = kind.name === 'clientSecrets' ? staticTokenKind : secretKind
  await seedCredential(world, otherKind, workload, given)
  await seedCredential(world, kind, workload)
  await seedCredential(world, kind, workload, { ...given, expiresAt: at(0) })
  await seedCredential(world, kind, workload, { ...given, maxUses: 2, uses: 2, lastUsedAt: at(0) })
  // It was made for four days, and no longer.
  await seedCredential(world, kind, workload, { ...given, createdAt: at(0) })
  const revoked = await seed(world, kind, workload, days(4))
  await kind.storeOf(world.storage).revoke(revoked, { ...revocation, at: at(0) }, [])
  if (kind.name === 'clientSecrets') await seedReplaced(world, workload)
}

/** Stores a secret that has a successor, and ends within four days. */
async function seedReplaced(world: World, workload: Workload): Promise<StoredCredential> {
  const replaced = await seed(world, secretKind, workload, days(4))
  const successor = world.records.secret({ ...ownerOf(workload), id: world.records.id('csc') })
  const digest = { rootKey: 'newest', value: `digest of ${successor.id}` }
  const { organization, id } = replaced
  const rotation = { organization, id, successor, digest, endsAt: at(days(4)) }
  assert.equal(await world.storage.clientSecrets.rotate(rotation, []), true)
  return replaced
}

function note(
  { storage, records }: World,
  kind: CredentialKind,
  { organization, id }: StoredCredential,
  within: Seconds,
): Promise<boolean> {
  const event = records.event('client_secret.expiring')
  return kind.storeOf(storage).noteExpiry({ organization, id }, within, [event])
}

function expiring(store: CredentialStore<StoredCredential>, within: Seconds, limit = 10) {
  return store.expiring({ within, now: at(0) }, limit)
}

function idsOf({ untold }: { readonly untold: readonly StoredCredential[] }): readonly string[] {
  return untold.map(({ id }) => id)
}
