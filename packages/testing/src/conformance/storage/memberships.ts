import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { seedIdentity, seedOrganization, seedProject, seedWorkload } from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What is particular to organizations, projects, auth methods and role bindings. */
export const membershipCases: readonly Case<StorageSubject>[] = [
  storageCase('organizations.page MUST show what the name matches, exactly', async (world) => {
    const wanted = await seedOrganization(world, { name: 'Acme' })
    await seedOrganization(world, { name: 'acme' })
    await seedOrganization(world, { name: 'Acme Ltd' })
    const query = { filter: { name: 'Acme' }, order: 'id', limit: 10 } as const
    assert.deepEqual((await world.storage.organizations.page(query)).rows, [wanted])
  }),
  storageCase('projects.page MUST show what the name matches, exactly', async (world) => {
    const wanted = await seedProject(world, { name: 'Rockets' })
    const { organization } = wanted
    await seedProject(world, { organization, name: 'rockets' })
    const query = { filter: { organization, name: 'Rockets' }, order: 'id', limit: 10 } as const
    assert.deepEqual((await world.storage.projects.page(query)).rows, [wanted])
  }),
  storageCase('projects.insert MUST keep the same id in two organizations', async (world) => {
    const { projects } = world.storage
    const first = await seedProject(world, { id: 'web', name: 'first' })
    const second = await seedProject(world, { id: 'web', name: 'second' })
    assert.deepEqual(await projects.find(first.organization, 'web'), first)
    assert.deepEqual(await projects.find(second.organization, 'web'), second)
    await projects.remove([first.organization, 'web'], [])
    assert.deepEqual(await projects.find(second.organization, 'web'), second)
  }),
  storageCase(
    'authMethods.insert MUST answer false where the identity has the method already',
    async (world) => {
      const { authMethods } = world.storage
      const { organization, identity, authMethod } = await seedWorkload(world)
      const second = world.records.authMethod({ organization, identity: identity.id })
      assert.equal(await authMethods.insert(second, []), false)
      const key = [organization, identity.id, 'universal'] as const
      assert.deepEqual(await authMethods.find(...key), authMethod)
    },
  ),
  storageCase('authMethods.insert MUST answer false where the id is taken', async (world) => {
    const { organization, authMethod } = await seedWorkload(world)
    const { id: identity } = await seedIdentity(world, { organization })
    const second = world.records.authMethod({ id: authMethod.id, organization, identity })
    assert.equal(await world.storage.authMethods.insert(second, []), false)
  }),
  storageCase(
    'authMethods.replace MUST answer false for a method that was attached anew',
    async (world) => {
      const { authMethods } = world.storage
      const { organization, identity, authMethod } = await seedWorkload(world)
      await authMethods.remove([organization, identity.id, 'universal'], [])
      const second = world.records.authMethod({ organization, identity: identity.id })
      await authMethods.insert(second, [])
      assert.equal(await authMethods.replace({ ...authMethod, revision: 2 }, []), false)
      const key = [organization, identity.id, 'universal'] as const
      assert.deepEqual(await authMethods.find(...key), second)
    },
  ),
  storageCase('authMethods.insert MUST answer false where the identity is gone', async (world) => {
    const { id: organization } = await seedOrganization(world)
    const orphan = world.records.authMethod({ organization, identity: world.records.id('idn') })
    assert.equal(await world.storage.authMethods.insert(orphan, []), false)
  }),
  storageCase(
    'roleBindings.insert MUST answer false where its project or its identity is gone',
    async (world) => {
      const { roleBindings } = world.storage
      const { id: organization } = await seedOrganization(world)
      const user = { kind: 'user', id: 'u_1' } as const
      const ghost = { kind: 'identity', id: world.records.id('idn') } as const
      const nowhere = world.records.binding({ organization, project: 'gone', subject: user })
      const nobody = world.records.binding({ organization, subject: ghost })
      assert.equal(await roleBindings.insert(nowhere, []), false)
      assert.equal(await roleBindings.insert(nobody, []), false)
    },
  ),
  storageCase('roleBindings.page MUST show what project and subject match', async (world) => {
    const { roleBindings } = world.storage
    const { organization, id: project } = await seedProject(world)
    // A user may have the id of an identity: the kind is part of who it is.
    const { id } = await seedIdentity(world, { organization })
    const user = { kind: 'user', id } as const
    const identity = { kind: 'identity', id } as const
    const first = world.records.binding({ organization, project, subject: user })
    const second = world.records.binding({ organization, subject: user })
    const third = world.records.binding({ organization, project, subject: identity })
    for (const binding of [first, second, third]) await roleBindings.insert(binding, [])
    const by = async (filter: object) => {
      const query = { filter: { organization, ...filter }, order: 'id', limit: 10 } as const
      return (await roleBindings.page(query)).rows
    }
    assert.deepEqual(await by({}), [first, second, third])
    assert.deepEqual(await by({ project }), [first, third])
    assert.deepEqual(await by({ subject: user }), [first, second])
    assert.deepEqual(await by({ subject: user, project }), [first])
    assert.deepEqual(await by({ subject: identity }), [third])
  }),
]
