import assert from 'node:assert/strict'
import type { ClientSecret, Digest, SecretRotation } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { ownerOf } from './credential-kinds.ts'
import { at } from './records.ts'
import type { StoredSecret, Workload } from './seed.ts'
import { loginQueryOf, seedOrganization, seedSecret, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const revocation = { at: at(1), reason: 'leaked', by: { kind: 'engine' } } as const

/** How client secrets are replaced without a gap. */
export const rotationCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'clientSecrets.rotate MUST store the successor and end the replaced secret at `endsAt` in one step',
    async (world) => {
      const { workload, secret, digest } = await seedReplaceable(world)
      const rotation = rotationOf(world, workload, secret)
      const event = world.records.event('client_secret.rotated')
      assert.equal(await world.storage.clientSecrets.rotate(rotation, [event]), true)
      const { successor } = rotation
      const replaced = { ...secret, expiresAt: at(600), replacedBy: successor.id }
      assert.deepEqual(await storedOf(world, secret), replaced)
      assert.deepEqual(await storedOf(world, successor), successor)
      const found = await Promise.all(
        [digest, rotation.digest].map((each) => foundBy(world, workload, each)),
      )
      assert.deepEqual(found, [secret.id, successor.id])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase('clientSecrets.rotate MUST never end a secret later than before', async (world) => {
    const { workload, secret } = await seedReplaceable(world, { expiresAt: at(60) })
    await world.storage.clientSecrets.rotate(rotationOf(world, workload, secret), [])
    assert.deepEqual((await storedOf(world, secret))?.expiresAt, at(60))
  }),
  ...['gone', 'revoked', 'replaced', 'of another organization', 'to have a taken digest'].map(
    (when) =>
      storageCase(
        `clientSecrets.rotate MUST answer false and change nothing where the secret is ${when}`,
        async (world) => {
          const { workload, secret, digest } = await seedReplaceable(world)
          const rotation = rotationOf(world, workload, secret)
          const hindered = await hinder(world, when, rotation, digest)
          const before = await storedOf(world, secret)
          const event = world.records.event('client_secret.rotated')
          assert.equal(await world.storage.clientSecrets.rotate(hindered, [event]), false)
          assert.deepEqual(await storedOf(world, secret), before)
          assert.equal(await storedOf(world, rotation.successor), undefined)
          assert.deepEqual(await world.eventIds(), [])
        },
      ),
  ),
  storageCase(
    'clientSecrets.rotate MUST succeed once, however many rotate at once',
    async (world) => {
      const { workload, secret } = await seedReplaceable(world)
      const answers = await race(world.racers, () =>
        world.storage.clientSecrets.rotate(rotationOf(world, workload, secret), [
          world.records.event('client_secret.rotated'),
        ]),
      )
      assert.equal(answers.filter(Boolean).length, 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase(
    'clientSecrets.endedOverlaps MUST list exactly the replaced secrets that expired by `now` and are neither revoked nor noted',
    async (world) => {
      const { clientSecrets } = world.storage
      const { workload, secret } = await seedReplaceable(world)
      const { secret: taken } = await seedSecret(world, workload)
      await seedSecret(world, workload, { expiresAt: at(1) })
      for (const each of [secret, taken])
        await clientSecrets.rotate(rotationOf(world, workload, each), [])
      const { organization } = workload
      await clientSecrets.revoke({ organization, id: taken.id }, revocation, [])
      assert.deepEqual(await clientSecrets.endedOverlaps(at(599), 10), [])
      const replaced = await storedOf(world, secret)
      assert.deepEqual(await clientSecrets.endedOverlaps(at(600), 10), [replaced])
      assert.deepEqual(await clientSecrets.endedOverlaps(at(600), 0), [])
      await clientSecrets.noteEnd(secret, [])
      assert.deepEqual(await clientSecrets.endedOverlaps(at(600), 10), [])
      assert.deepEqual(await storedOf(world, secret), replaced)
    },
  ),
  storageCase(
    'clientSecrets.noteEnd MUST write its events once, however many nodes note the same end',
    async (world) => {
      const { workload, secret } = await seedReplaceable(world)
      await world.storage.clientSecrets.rotate(rotationOf(world, workload, secret), [])
      const answers = await race(world.racers, () =>
        world.storage.clientSecrets.noteEnd(secret, [world.records.event('client_secret.expired')]),
      )
      assert.equal(answers.filter(Boolean).length, 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
]

interface Replaceable extends StoredSecret {
  readonly workload: Workload
}

async function seedReplaceable(
  world: World,
  given: Partial<ClientSecret> = {},
): Promise<Replaceable> {
  const workload = await seedWorkload(world)
  return { workload, ...(await seedSecret(world, workload, given)) }
}

function rotationOf({ records }: World, workload: Workload, { id }: ClientSecret): SecretRotation {
  const successor = records.secret({ ...ownerOf(workload), replaces: id })
  const digest = { rootKey: 'newest', value: `digest of ${successor.id}` }
  return { organization: workload.organization, id, successor, digest, endsAt: at(600) }
}

async function hinder(
  world: World,
  when: string,
  rotation: SecretRotation,
  taken: Digest,
): Promise<SecretRotation> {
  const { clientSecrets } = world.storage
  const { organization, id, successor } = rotation
  if (when === 'gone') await clientSecrets.remove({ organization, id }, [])
  if (when === 'revoked') await clientSecrets.revoke({ organization, id }, revocation, [])
  if (when === 'replaced') {
    const digest = { rootKey: 'newest', value: 'of the first successor' }
    const first = { ...successor, id: world.records.id('csc') }
    await clientSecrets.rotate({ ...rotation, successor: first, digest }, [])
  }
  if (when === 'of another organization')
    return { ...rotation, organization: (await seedOrganization(world)).id }
  return when === 'to have a taken digest' ? { ...rotation, digest: taken } : rotation
}

function storedOf({ storage }: World, { organization, id }: ClientSecret) {
  return storage.clientSecrets.find(organization, id)
}

async function foundBy({ storage }: World, workload: Workload, digest: Digest): Promise<unknown> {
  const state = await storage.logins.find(loginQueryOf(workload, { digests: [digest] }), at(0))
  return state?.stored?.id
}
