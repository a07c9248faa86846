import assert from 'node:assert/strict'
import type { AuthMethod, AuthTemplate } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import { loginQueryOf, seedIdentity, seedOrganization, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** Stores a template, in an organization of its own unless one is named. */
async function seedTemplate(
  { storage, records }: World,
  given: Partial<AuthTemplate> & { readonly organization: string },
): Promise<AuthTemplate> {
  const template = records.authTemplate(given)
  assert.equal(await storage.authTemplates.insert(template, []), true)
  return template
}

/** Makes an auth method of a new identity that names a template. */
async function userOf(world: World, { organization, id, method }: AuthTemplate) {
  const { id: identity } = await seedIdentity(world, { organization })
  return world.records.authMethod({ organization, identity, method, template: id })
}

const next = (row: AuthMethod, more: Partial<AuthMethod>): AuthMethod => ({
  ...row,
  ...more,
  revision: row.revision + 1,
})

/** What policies share. */
export const authTemplateCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.find MUST answer the template that the auth method names, as it stands at that moment',
    async (world) => {
      const { logins, authTemplates } = world.storage
      const { id: organization } = await seedOrganization(world)
      const template = await seedTemplate(world, { organization })
      const authMethod = { method: template.method, template: template.id }
      const workload = await seedWorkload(world, { organization, authMethod })
      const find = async () => (await logins.find(loginQueryOf(workload), at(0)))?.template
      assert.deepEqual(await find(), template)
      const revised = { ...template, policy: { urls: ['ldaps://other.example.com'] }, revision: 2 }
      await authTemplates.replace(revised, [])
      assert.deepEqual(await find(), revised)
      const without = await seedWorkload(world, { organization })
      assert.equal((await logins.find(loginQueryOf(without), at(0)))?.template, undefined)
    },
  ),
  storageCase(
    'authMethods.insert MUST answer false where the template is gone, is of another method or of another organization',
    async (world) => {
      const { authMethods, authTemplates } = world.storage
      const { id: organization } = await seedOrganization(world)
      const gone = await seedTemplate(world, { organization })
      await authTemplates.remove([organization, gone.id], [])
      const oidc = await seedTemplate(world, { organization, method: 'oidc' })
      const foreign = await seedTemplate(world, {
        organization: (await seedOrganization(world)).id,
      })
      const { id: identity } = await seedIdentity(world, { organization })
      for (const { id: template } of [gone, oidc, foreign]) {
        const row = world.records.authMethod({ organization, identity, method: 'ldap', template })
        assert.equal(await authMethods.insert(row, [world.records.event()]), false)
      }
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase('authMethods.replace MUST name another template, or none', async (world) => {
    const { authMethods } = world.storage
    const { id: organization } = await seedOrganization(world)
    const [first, second] = [
      await seedTemplate(world, { organization }),
      await seedTemplate(world, { organization }),
    ]
    const row = await userOf(world, first)
    await authMethods.insert(row, [])
    const usersOf = async (template: AuthTemplate) => {
      const filter = { organization, template: template.id }
      return (await authMethods.page({ filter, order: 'id', limit: 10 })).rows
    }
    const moved = next(row, { template: second.id })
    assert.equal(await authMethods.replace(moved, []), true)
    assert.deepEqual([await usersOf(first), await usersOf(second)], [[], [moved]])
    const { template: _template, ...free } = next(moved, {})
    assert.equal(await authMethods.replace(free, []), true)
    assert.deepEqual([await usersOf(first), await usersOf(second)], [[], []])
    const lost = next(free, { template: world.records.id('atp') })
    assert.equal(await authMethods.replace(lost, []), false)
  }),
  storageCase(
    'authTemplates.remove MUST answer false and change nothing while an auth method names it',
    async (world) => {
      const { authMethods, authTemplates } = world.storage
      const { id: organization } = await seedOrganization(world)
      const template = await seedTemplate(world, { organization })
      const row = await userOf(world, template)
      await authMethods.insert(row, [])
      const event = world.records.event()
      assert.equal(await authTemplates.remove([organization, template.id], [event]), false)
      assert.deepEqual(await authTemplates.find(organization, template.id), template)
      assert.deepEqual(await world.eventIds(), [])
      await authMethods.remove([organization, row.identity, row.method], [])
      assert.equal(await authTemplates.remove([organization, template.id], [event]), true)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase(
    'authTemplates.remove MUST leave no auth method without its template, however many come to name it at once',
    async (world) => {
      const { storage, racers } = world
      const { id: organization } = await seedOrganization(world)
      const template = await seedTemplate(world, { organization })
      const rows: AuthMethod[] = []
      for (let count = 0; count < racers; count += 1) rows.push(await userOf(world, template))
      const answers = await race(racers, async (index) => {
        const row = rows[index]
        return index === 0 || row === undefined
          ? storage.authTemplates.remove([organization, template.id], [])
          : storage.authMethods.insert(row, [])
      })
      const [removed] = answers
      const filter = { organization, template: template.id }
      const { rows: left } = await storage.authMethods.page({ filter, order: 'id', limit: 100 })
      assert.equal(left.length, answers.filter((made, index) => made && index !== 0).length)
      const found = await storage.authTemplates.find(organization, template.id)
      assert.deepEqual([found === undefined, removed], removed ? [true, true] : [false, false])
      if (removed) assert.deepEqual(left, [])
    },
  ),
  storageCase('authTemplates.replace MUST NOT make it one of another method', async (world) => {
    const { authTemplates } = world.storage
    const { id: organization } = await seedOrganization(world)
    const template = await seedTemplate(world, { organization })
    const moved = { ...template, method: 'oidc', revision: 2 }
    assert.equal(await authTemplates.replace(moved, []), false)
    assert.deepEqual(await authTemplates.find(organization, template.id), template)
  }),
  storageCase('authTemplates.page MUST show what every given member matches', async (world) => {
    const { authTemplates } = world.storage
    const { id: organization } = await seedOrganization(world)
    const one = await seedTemplate(world, { organization, name: 'Berlin' })
    const other = await seedTemplate(world, { organization, name: 'Paris', method: 'oidc' })
    const by = async (filter: object) => {
      const query = { filter: { organization, ...filter }, order: 'id', limit: 10 } as const
      return (await authTemplates.page(query)).rows.map(({ id }) => id)
    }
    assert.deepEqual(await by({ name: 'Berlin' }), [one.id])
    assert.deepEqual(await by({ method: 'oidc' }), [other.id])
    assert.deepEqual(await by({ name: 'Berlin', method: 'oidc' }), [])
  }),
  storageCase(
    'organizations.remove MUST take templates and those who name them away',
    async (world) => {
      const { storage } = world
      const { id: organization } = await seedOrganization(world)
      const template = await seedTemplate(world, { organization })
      await storage.authMethods.insert(await userOf(world, template), [])
      assert.equal(await storage.organizations.remove([organization], []), true)
      assert.equal(await storage.authTemplates.find(organization, template.id), undefined)
    },
  ),
]
