import assert from 'node:assert/strict'
import type { Role } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { assertNothingLeft, seedEverything } from './ownership.ts'
import { at, RULES } from './records.ts'
import { seedBinding, seedProject, seedRole, seedScopes, seedSecret, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const USER = { kind: 'user', id: 'u_1' } as const

/** What belongs to a project or to a stored role, and goes with it. */
export const scopeOwnershipCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'projects.remove MUST take everything away that belongs to the project',
    async (world) => {
      const { storage } = world
      const project = await seedProject(world)
      const { organization, id } = project
      const role = await seedRole(world, { organization, project: id })
      const binding = { organization, project: id, subject: USER }
      const bindings = [
        await seedBinding(world, binding),
        await seedBinding(world, { ...binding, role: role.id }),
      ]
      assert.equal(await storage.projects.remove([organization, id], []), true)
      await storage.projects.insert(project, [])
      assert.equal(await storage.roles.find(organization, role.id), undefined)
      for (const row of bindings)
        assert.equal(await storage.roleBindings.find(organization, row.id), undefined)
    },
  ),
  storageCase(
    'projects.remove MUST take the identities of the project away, and every way to log in as them',
    async (world) => {
      const { storage } = world
      const project = await seedProject(world)
      const { organization, id } = project
      const workload = await seedEverything(world, { organization, identity: { project: id } })
      const { identity } = workload
      const subject = { kind: 'identity', id: identity.id } as const
      // Bound in the organization, which stays.
      const binding = await seedBinding(world, { organization, subject })
      await storage.projects.remove([organization, id], [])
      await storage.projects.insert(project, [])
      assert.equal(await storage.identities.find(organization, identity.id), undefined)
      assert.equal(await storage.roleBindings.find(organization, binding.id), undefined)
      await assertNothingLeft(world, workload)
    },
  ),
  storageCase('projects.remove MUST leave alone what belongs to other scopes', async (world) => {
    const { storage } = world
    const { organization, project, other, foreign } = await seedScopes(world)
    const scopes = [
      { organization },
      { organization, project: other },
      { organization: foreign, project },
    ]
    const kept = await Promise.all(scopes.map((scope) => seedScope(world, scope)))
    await storage.projects.remove([organization, project], [])
    for (const { role, binding, secret } of kept) {
      assert.deepEqual(await storage.roles.find(role.organization, role.id), role)
      assert.deepEqual(await storage.roleBindings.find(role.organization, binding.id), binding)
      assert.deepEqual(await storage.clientSecrets.find(role.organization, secret.id), secret)
    }
  }),
  storageCase('roles.remove MUST take the bindings of the role away with it', async (world) => {
    const { storage } = world
    const { organization, id } = await seedRole(world)
    const identity = await seedWorkload(world, { organization })
    const subject = { kind: 'identity', id: identity.identity.id } as const
    const bindings = [
      await seedBinding(world, { organization, subject: USER, role: id }),
      await seedBinding(world, { organization, subject, role: id, from: at(3600) }),
    ]
    assert.equal(await storage.roles.remove([organization, id], []), true)
    for (const binding of bindings)
      assert.equal(await storage.roleBindings.find(organization, binding.id), undefined)
    const held = await storage.roleBindings.heldBy(organization, [USER, subject])
    assert.deepEqual(
      held.map(({ bound }) => bound),
      [[], []],
    )
  }),
  storageCase('roles.remove MUST leave alone what binds anything else', async (world) => {
    const { storage } = world
    const { organization, id, slug } = await seedRole(world)
    const other = await seedRole(world, { organization })
    const kept = [
      await seedBinding(world, { organization, subject: USER, role: other.id }),
      await seedBinding(world, { organization, subject: USER, role: slug }),
      await seedBinding(world, { organization, subject: USER, rules: RULES }),
    ]
    await storage.roles.remove([organization, id], [])
    assert.deepEqual(await storage.roles.find(organization, other.id), other)
    for (const binding of kept)
      assert.deepEqual(await storage.roleBindings.find(organization, binding.id), binding)
  }),
]

/** Stores one of each kind of thing that belongs to a scope. */
async function seedScope(world: World, scope: Pick<Role, 'organization' | 'project'>) {
  const { organization, project } = scope
  const role = await seedRole(world, scope)
  const identity = project === undefined ? {} : { project }
  const workload = await seedWorkload(world, { organization, identity })
  const subject = { kind: 'identity', id: workload.identity.id } as const
  const binding = await seedBinding(world, { ...scope, subject, role: role.id })
  const { secret } = await seedSecret(world, workload)
  return { role, binding, secret }
}
