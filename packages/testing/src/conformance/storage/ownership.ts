import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import type { Workload, WorkloadParts } from './seed.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  markOf,
  seedBinding,
  seedKnown,
  seedLock,
  seedOrganization,
  seedProject,
  seedRole,
  seedSecret,
  seedStaticToken,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What belongs to a record, and goes with it. */
export const ownershipCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'organizations.remove MUST take everything away that belongs to the organization',
    async (world) => {
      const { storage } = world
      const workload = await seedEverything(world)
      const { organization, identity } = workload
      const project = await seedProject(world, { organization })
      const role = await seedRole(world, { organization })
      const binding = await seedBinding(world, { organization, subject: USER, role: role.id })
      assert.equal(await storage.organizations.remove([organization], []), true)
      await seedOrganization(world, { id: organization })
      assert.equal(await storage.projects.find(organization, project.id), undefined)
      assert.equal(await storage.identities.find(organization, identity.id), undefined)
      assert.equal(await storage.roles.find(organization, role.id), undefined)
      assert.equal(await storage.roleBindings.find(organization, binding.id), undefined)
      await assertNothingLeft(world, workload)
    },
  ),
  storageCase(
    'identities.remove MUST take everything away that belongs to the identity',
    async (world) => {
      const { storage } = world
      const workload = await seedEverything(world)
      const { organization, identity } = workload
      const filter = { organization, subject: { kind: 'identity', id: identity.id } } as const
      await storage.roleBindings.insert(world.records.binding(filter), [])
      await storage.identities.remove([organization, identity.id], [])
      const bindings = await storage.roleBindings.page({ filter, order: 'id', limit: 10 })
      assert.deepEqual(bindings, { rows: [] })
      await assertNothingLeft(world, workload)
    },
  ),
  storageCase('identities.remove MUST leave alone what belongs to others', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization } = workload
    const other = await seedWorkload(world, { organization })
    const { digest, secret } = await seedSecret(world, other)
    await seedLock(world, lockoutKeyOf(other))
    await storage.identities.remove([organization, workload.identity.id], [])
    const state = await storage.logins.find(loginQueryOf(other, { digests: [digest] }), at(0))
    assert.deepEqual(state?.stored, secret)
    assert.equal((await storage.lockouts.active({ organization }, at(0))).length, 1)
  }),
  storageCase(
    'authMethods.remove MUST take everything away that belongs to the auth method',
    async (world) => {
      const workload = await seedEverything(world)
      const { organization, identity, authMethod } = workload
      const key = [organization, identity.id, authMethod.method] as const
      await world.storage.authMethods.remove(key, [])
      await assertNothingLeft(world, workload)
    },
  ),
  storageCase(
    'authMethods.remove MUST leave alone what belongs to other auth methods of the identity',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const { organization, identity, authMethod } = workload
      const second = world.records.authMethod({
        organization,
        identity: identity.id,
        method: 'oidc',
      })
      await storage.authMethods.insert(second, [])
      const other = { ...workload, authMethod: second }
      const { secret } = await seedSecret(world, other)
      await seedLock(world, lockoutKeyOf(other))
      await storage.authMethods.remove([organization, identity.id, authMethod.method], [])
      assert.deepEqual(await storage.clientSecrets.find(organization, secret.id), secret)
      assert.equal((await storage.lockouts.active({ organization }, at(0))).length, 1)
    },
  ),
  storageCase('identities.remove MUST leave standing the marks that end tokens', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const session = world.records.id('sid')
    await storage.tokens.revoke(markOf(workload, session), [])
    await storage.identities.remove([workload.organization, workload.identity.id], [])
    const standing = await storage.tokens.find(standingQueryOf(workload, session), at(0))
    assert.equal(standing.revoked, true)
  }),
]

const USER = { kind: 'user', id: 'u_1' } as const

const SESSION = 'sid_00000000000000000000000owned'

const SOURCE = '192.0.2.1'

/** Stores a workload, and everything that can belong to one. */
export async function seedEverything(world: World, parts: WorkloadParts = {}): Promise<Workload> {
  const workload = await seedWorkload(world, parts)
  await seedSecret(world, workload, { id: 'csc_0000000000000000000000owned' })
  await seedStaticToken(world, workload)
  await seedKnown(world, workload, SOURCE)
  const counted = { session: SESSION, until: at(3600) }
  await world.storage.logins.grant(grantOf(workload, { counted }), at(0), [])
  await seedLock(world, lockoutKeyOf(workload))
  return workload
}

/** Attaches the same method again, to the same id where that is gone too, and finds it as new as it is. */
export async function assertNothingLeft(world: World, workload: Workload): Promise<void> {
  const { storage, records } = world
  const { organization, identity } = workload
  await storage.identities.insert(identity, [])
  const authMethod = records.authMethod({ organization, identity: identity.id })
  assert.equal(await storage.authMethods.insert(authMethod, []), true)
  const state = await storage.logins.find(loginQueryOf(workload, { source: SOURCE }), at(0))
  assert.deepEqual(state?.authMethod, authMethod)
  assert.deepEqual([state.knownSince, state.counters], [undefined, {}])
  const filter = { organization, identity: identity.id }
  for (const store of [storage.clientSecrets, storage.staticTokens])
    assert.deepEqual(await store.page({ filter, order: 'id', limit: 10 }), { rows: [] })
  const login = standingQueryOf(workload, SESSION)
  assert.equal(await storage.tokens.spend(login, 10, []), false)
  assert.equal((await storage.tokens.find(login, at(0))).authMethod, undefined)
  assert.deepEqual(await storage.lockouts.active({ organization }, at(0)), [])
}
