import assert from 'node:assert/strict'
import type { Identity, IdentityFilter } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import { seedBinding, seedIdentity, seedOrganization, seedScopes, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What is particular to identities: slugs, statistics and filters. */
export const identityCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'identities.insert MUST answer false and change nothing where the slug is taken in the organization',
    async (world) => {
      const { organization } = await seedIdentity(world, { slug: 'deployer' })
      const second = world.records.identity({ organization, slug: 'deployer' })
      assert.equal(await world.storage.identities.insert(second, [world.records.event()]), false)
      assert.equal(await world.storage.identities.find(organization, second.id), undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase('identities.insert MUST keep the same slug in two organizations', async (world) => {
    await seedIdentity(world, { slug: 'deployer' })
    const second = await seedIdentity(world, { slug: 'deployer' })
    const { organization, id } = second
    assert.deepEqual(await world.storage.identities.find(organization, id), second)
  }),
  storageCase(
    'identities.insert MUST answer false for an id that another organization has',
    async (world) => {
      const { id } = await seedIdentity(world)
      const { id: organization } = await seedOrganization(world)
      const second = world.records.identity({ id, organization })
      assert.equal(await world.storage.identities.insert(second, []), false)
      assert.equal(await world.storage.identities.find(organization, id), undefined)
    },
  ),
  storageCase('identities.insert MUST answer false where its project is gone', async (world) => {
    const { organization, foreign } = await seedScopes(world)
    const elsewhere = world.records.project({ organization: foreign })
    await world.storage.projects.insert(elsewhere, [])
    for (const project of ['gone', elsewhere.id]) {
      const orphan = world.records.identity({ organization, project })
      assert.equal(await world.storage.identities.insert(orphan, [world.records.event()]), false)
      assert.equal(await world.storage.identities.find(organization, orphan.id), undefined)
    }
    assert.deepEqual(await world.eventIds(), [])
  }),
  storageCase('identities.page MUST show what belongs to the project alone', async (world) => {
    const { organization, project, other, foreign } = await seedScopes(world)
    await seedIdentity(world, { organization })
    const { id } = await seedIdentity(world, { organization, project, slug: 'deployer' })
    await seedIdentity(world, { organization, project: other })
    await seedIdentity(world, { organization: foreign, project })
    const by = (filter: object) => idsBy(world, { organization, ...filter })
    assert.deepEqual(await by({ project }), [id])
    assert.deepEqual(await by({ project, slug: 'deployer' }), [id])
    assert.deepEqual(await by({ project: other, slug: 'deployer' }), [])
    assert.deepEqual(await by({ project, name: 'other' }), [])
  }),
  storageCase(
    'identities.page MUST show who belongs to the project alone, or holds something in it',
    async (world) => {
      const { organization, project, other, foreign } = await seedScopes(world)
      const native = await seedIdentity(world, { organization, project, name: 'b' })
      const visitor = await seedIdentity(world, { organization, name: 'a' })
      const subject = subjectOf(visitor)
      for (const until of [at(1), at(2)])
        await seedBinding(world, { organization, project, subject, until })
      const stranger = await seedIdentity(world, { organization, project: other })
      for (const scope of [{}, { project: other }])
        await seedBinding(world, { organization, ...scope, subject: subjectOf(stranger) })
      const person = { kind: 'user', id: stranger.id } as const
      await seedBinding(world, { organization, project, subject: person })
      const namesake = world.records.project({ organization: foreign, id: project })
      await world.storage.projects.insert(namesake, [])
      const afar = await seedIdentity(world, { organization: foreign })
      await seedBinding(world, { organization: foreign, project, subject: subjectOf(afar) })
      const { identities } = world.storage
      const query = { filter: { organization, foundIn: project }, order: 'name' } as const
      const page = await identities.page({ ...query, limit: 10, count: true })
      assert.deepEqual(page, { rows: [visitor, native], total: 2 })
      const cut = await identities.page({ ...query, limit: 1, offset: 1, count: true })
      assert.deepEqual(cut, { rows: [native], total: 2 })
      assert.deepEqual(await idsBy(world, { organization, foundIn: 'gone' }), [])
    },
  ),
  storageCase(
    'identities.replace MUST answer false and change nothing where the slug is taken in the organization',
    async (world) => {
      const { identities } = world.storage
      const { organization } = await seedIdentity(world, { slug: 'deployer' })
      const second = await seedIdentity(world, { organization, slug: 'builder' })
      const revised = { ...second, slug: 'deployer', revision: 2 }
      assert.equal(await identities.replace(revised, [world.records.event()]), false)
      assert.deepEqual(await identities.find(organization, second.id), second)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'identities.replace MUST set a slug free that the record no longer has',
    async (world) => {
      const { identities } = world.storage
      const first = await seedIdentity(world, { slug: 'deployer' })
      const { organization } = first
      assert.equal(await identities.replace({ ...first, slug: 'builder', revision: 2 }, []), true)
      await seedIdentity(world, { organization, slug: 'deployer' })
      const third = world.records.identity({ organization, slug: 'builder' })
      assert.equal(await identities.insert(third, []), false)
    },
  ),
  storageCase('identities.remove MUST set the slug free', async (world) => {
    const { organization, id } = await seedIdentity(world, { slug: 'deployer' })
    await world.storage.identities.remove([organization, id], [])
    await seedIdentity(world, { organization, slug: 'deployer' })
  }),
  storageCase('identities.replace MUST NOT turn back the last login', async (world) => {
    const { identities, clientSecrets } = world.storage
    const read = await seedIdentity(world)
    const { organization, id } = read
    await clientSecrets.record([
      { organization, identity: id, uses: 1, firstUsedAt: at(60), lastUsedAt: at(60) },
    ])
    assert.equal(await identities.replace({ ...read, revision: 2 }, []), true)
    assert.deepEqual((await identities.find(organization, id))?.lastLoginAt, at(60))
  }),
  storageCase('identities.page MUST show what every given member matches', async (world) => {
    const { id: organization } = await seedOrganization(world)
    const wanted = await seedIdentity(world, { organization, ...distinct })
    await seedIdentity(world, { organization, metadata: { team: 'Blue' } })
    for (const filter of distinctFilters)
      assert.deepEqual(await idsBy(world, { organization, ...filter }), [wanted.id])
    const contradiction = { organization, slug: 'only', name: 'worker' }
    assert.deepEqual(await idsBy(world, contradiction), [])
  }),
  storageCase('identities.page MUST compare metadata byte for byte, every entry', async (world) => {
    const metadata = { team: 'blue', region: 'eu' }
    const { organization, id } = await seedIdentity(world, { metadata })
    const by = (wanted: Identity['metadata']) => idsBy(world, { organization, metadata: wanted })
    assert.deepEqual(await by({ team: 'blue' }), [id])
    assert.deepEqual(await by(metadata), [id])
    assert.deepEqual(await by({ team: 'Blue' }), [])
    assert.deepEqual(await by({ team: 'blu' }), [])
    assert.deepEqual(await by({ team: 'blue', zone: 'eu' }), [])
    assert.deepEqual(await by({ constructor: 'x' }), [])
  }),
  storageCase('identities.page MUST show who may log in by `method`', async (world) => {
    const { organization, identity } = await seedWorkload(world)
    await seedIdentity(world, { organization })
    assert.deepEqual(await idsBy(world, { organization, method: 'universal' }), [identity.id])
    assert.deepEqual(await idsBy(world, { organization, method: 'oidc' }), [])
  }),
  storageCase(
    'identities.page MUST show who is unused since an instant, and older',
    async (world) => {
      const { clientSecrets } = world.storage
      const { organization, id } = await seedIdentity(world)
      await seedIdentity(world, { organization, createdAt: at(100) })
      const by = (seconds: number) => idsBy(world, { organization, unusedSince: at(seconds) })
      assert.deepEqual(await by(0), [])
      assert.deepEqual(await by(100), [id])
      await clientSecrets.record([
        { organization, identity: id, uses: 1, firstUsedAt: at(50), lastUsedAt: at(50) },
      ])
      assert.deepEqual(await by(50), [])
      assert.deepEqual(await by(51), [id])
    },
  ),
]

const distinct = {
  name: 'only',
  slug: 'only',
  owner: 'u_1',
  disabled: true,
  metadata: { team: 'red' },
} as const

const distinctFilters: readonly Omit<IdentityFilter, 'organization'>[] = [
  { name: 'only' },
  { slug: 'only' },
  { owner: 'u_1' },
  { disabled: true },
  { metadata: { team: 'red' } },
  { name: 'only', slug: 'only', owner: 'u_1' },
]

function subjectOf({ id }: Identity) {
  return { kind: 'identity', id } as const
}

async function idsBy({ storage }: World, filter: IdentityFilter): Promise<readonly string[]> {
  const { rows } = await storage.identities.page({ filter, order: 'id', limit: 100 })
  return rows.map(({ id }) => id)
}
