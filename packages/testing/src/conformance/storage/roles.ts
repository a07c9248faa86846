import assert from 'node:assert/strict'
import type { Role, RoleFilter } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Scopes } from './seed.ts'
import { seedRole, seedScopes } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

type Scope = Pick<Role, 'organization' | 'project'>

interface Move {
  readonly move: string
  from(scopes: Scopes): Scope
  to(scopes: Scopes): Scope
}

const moves: readonly Move[] = [
  { move: 'into a project', from: top, to: inProject },
  { move: 'out of its project', from: inProject, to: top },
  { move: 'to another project', from: inProject, to: inOther },
]

/** What is particular to stored roles: slugs, scopes and filters. */
export const roleCases: readonly Case<StorageSubject>[] = [
  ...(['organization', 'project'] as const).flatMap((level) => slugCasesOf(level)),
  storageCase(
    'roles.insert MUST keep the same slug in an organization, in each of its projects and in another organization',
    async (world) => {
      const { organization, project, other, foreign } = await seedScopes(world)
      const scopes = [
        { organization },
        { organization, project },
        { organization, project: other },
        { organization: foreign },
        { organization: foreign, project },
      ]
      const roles: Role[] = []
      for (const scope of scopes) roles.push(await seedRole(world, { ...scope, slug: 'deployer' }))
      // The other way round: a scope must not look at those below it either.
      for (const scope of scopes.reverse())
        roles.push(await seedRole(world, { ...scope, slug: 'builder' }))
      for (const role of roles)
        assert.deepEqual(await world.storage.roles.find(role.organization, role.id), role)
    },
  ),
  storageCase('roles.insert MUST answer false where its project is gone', async (world) => {
    const { organization, foreign } = await seedScopes(world)
    const elsewhere = world.records.project({ organization: foreign })
    await world.storage.projects.insert(elsewhere, [])
    for (const project of ['gone', elsewhere.id]) {
      const role = world.records.role({ organization, project })
      assert.equal(await world.storage.roles.insert(role, [world.records.event()]), false)
      assert.equal(await world.storage.roles.find(organization, role.id), undefined)
    }
    assert.deepEqual(await world.eventIds(), [])
  }),
  ...moves.map(({ move, from, to }) =>
    storageCase(
      `roles.replace MUST answer false and change nothing where the role would move ${move}`,
      async (world) => {
        const scopes = await seedScopes(world)
        const role = await seedRole(world, from(scopes))
        const { project: _, ...rest } = role
        const moved = { ...rest, ...to(scopes), revision: 2 }
        assert.equal(await world.storage.roles.replace(moved, [world.records.event()]), false)
        assert.deepEqual(await world.storage.roles.find(role.organization, role.id), role)
        assert.deepEqual(await world.eventIds(), [])
      },
    ),
  ),
  storageCase('roles.page MUST show what every given member matches', async (world) => {
    const { organization, project, ...roles } = await seedRoles(world)
    const by = (filter: RoleFilter) => rolesBy(world, { organization, ...filter })
    const { top, first, second, elsewhere } = roles
    assert.deepEqual(await by({}), [top, first, second, elsewhere])
    assert.deepEqual(await by({ level: 'organization' }), [top])
    assert.deepEqual(await by({ level: 'project' }), [first, second, elsewhere])
    assert.deepEqual(await by({ project }), [first, second])
    assert.deepEqual(await by({ slug: 'deployer' }), [top, first, elsewhere])
    assert.deepEqual(await by({ slug: 'Deployer' }), [])
    assert.deepEqual(await by({ project, slug: 'deployer' }), [first])
    assert.deepEqual(await by({ level: 'organization', project }), [])
  }),
  storageCase(
    'roles.page MUST show what every given member matches, of all organizations where none is named',
    async (world) => {
      const { project, top, first, second, elsewhere, foreign } = await seedRoles(world)
      const by = (filter: RoleFilter) => rolesBy(world, filter)
      assert.deepEqual(await by({}), [top, first, second, elsewhere, foreign])
      assert.deepEqual(await by({ project }), [first, second, foreign])
      assert.deepEqual(await by({ level: 'organization' }), [top])
      assert.deepEqual(await by({ slug: 'builder' }), [second, foreign])
      const query = { filter: {}, order: 'id', limit: 4 } as const
      const { next } = await world.storage.roles.page(query)
      const rest = await world.storage.roles.page({ ...query, ...(next && { after: next }) })
      assert.deepEqual(rest, { rows: [foreign] })
    },
  ),
]

function top({ organization }: Scopes): Scope {
  return { organization }
}

function inProject({ organization, project }: Scopes): Scope {
  return { organization, project }
}

function inOther({ organization, other }: Scopes): Scope {
  return { organization, project: other }
}

function slugCasesOf(level: 'organization' | 'project'): readonly Case<StorageSubject>[] {
  const scopeOf = level === 'organization' ? top : inProject
  return [
    storageCase(
      `roles.insert MUST answer false and change nothing where the slug is taken in the ${level}`,
      async (world) => {
        const { roles } = world.storage
        const scope = scopeOf(await seedScopes(world))
        const first = await seedRole(world, { ...scope, slug: 'deployer' })
        const second = world.records.role({ ...scope, slug: 'deployer' })
        assert.equal(await roles.insert(second, [world.records.event()]), false)
        assert.equal(await roles.find(scope.organization, second.id), undefined)
        assert.deepEqual(await world.eventIds(), [])
        await roles.remove([scope.organization, first.id], [])
        assert.equal(await roles.insert(second, []), true)
      },
    ),
    storageCase(
      `roles.replace MUST answer false and change nothing where the slug is taken in the ${level}`,
      async (world) => {
        const { roles } = world.storage
        const scope = scopeOf(await seedScopes(world))
        await seedRole(world, { ...scope, slug: 'deployer' })
        const second = await seedRole(world, { ...scope, slug: 'builder' })
        const revised = { ...second, slug: 'deployer', revision: 2 }
        assert.equal(await roles.replace(revised, [world.records.event()]), false)
        assert.deepEqual(await roles.find(scope.organization, second.id), second)
        assert.deepEqual(await world.eventIds(), [])
      },
    ),
  ]
}

/** Two slugs in every scope that a filter may tell from another one. */
async function seedRoles(world: World) {
  const { organization, project, other, foreign } = await seedScopes(world)
  return {
    organization,
    project,
    top: await seedRole(world, { organization, slug: 'deployer' }),
    first: await seedRole(world, { organization, project, slug: 'deployer' }),
    second: await seedRole(world, { organization, project, slug: 'builder' }),
    elsewhere: await seedRole(world, { organization, project: other, slug: 'deployer' }),
    foreign: await seedRole(world, { organization: foreign, project, slug: 'builder' }),
  }
}

async function rolesBy({ storage }: World, filter: RoleFilter): Promise<readonly Role[]> {
  return (await storage.roles.page({ filter, order: 'id', limit: 100 })).rows
}
