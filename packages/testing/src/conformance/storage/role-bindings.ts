import assert from 'node:assert/strict'
import type { Role, RoleBinding, RoleBindingFilter, Subject } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Given } from './records.ts'
import { at, RULES } from './records.ts'
import type { Scopes } from './seed.ts'
import { seedBinding, seedIdentity, seedOrganization, seedRole, seedScopes } from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

type Scope = Pick<Role, 'organization' | 'project'>

interface Misfit {
  readonly which: string
  /** Where the role is. */
  role(scopes: Scopes): Scope
  /** Where it would be bound. */
  bound(scopes: Scopes): Scope
}

const misfits: readonly Misfit[] = [
  {
    which: 'one of the organization, in a project',
    role: ({ organization }) => ({ organization }),
    bound: ({ organization, project }) => ({ organization, project }),
  },
  {
    which: 'one of a project, in the organization',
    role: ({ organization, project }) => ({ organization, project }),
    bound: ({ organization }) => ({ organization }),
  },
  {
    which: 'one of another project',
    role: ({ organization, other }) => ({ organization, project: other }),
    bound: ({ organization, project }) => ({ organization, project }),
  },
  {
    which: 'one of another organization',
    role: ({ foreign }) => ({ organization: foreign }),
    bound: ({ organization }) => ({ organization }),
  },
  {
    which: 'one of a project with the same id in another organization',
    role: ({ foreign, project }) => ({ organization: foreign, project }),
    bound: ({ organization, project }) => ({ organization, project }),
  },
]

const user: Subject = { kind: 'user', id: 'u_1' }

/** To the millisecond, as instants are. */
const FROM = new Date('2026-03-01T12:00:00.123Z')
const UNTIL = new Date('2026-03-01T13:00:00.456Z')

/** What is particular to role bindings: stored roles, rules, windows and filters. */
export const roleBindingCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'roleBindings.insert MUST answer false where the stored role it names is gone',
    async (world) => {
      const { organization, id } = await seedRole(world)
      await world.storage.roles.remove([organization, id], [])
      await assertRefused(world, { organization, subject: user, role: id })
    },
  ),
  ...misfits.map(({ which, role, bound }) =>
    storageCase(
      `roleBindings.insert MUST answer false where the stored role it names is ${which}`,
      async (world) => {
        const scopes = await seedScopes(world)
        const { id } = await seedRole(world, role(scopes))
        await assertRefused(world, { ...bound(scopes), subject: user, role: id })
      },
    ),
  ),
  storageCase(
    'roleBindings.insert MUST bind a stored role in its own scope, and a role in code in any',
    async (world) => {
      const { organization, project } = await seedScopes(world)
      const top = await seedRole(world, { organization })
      const { id } = await seedRole(world, { organization, project })
      await seedBinding(world, { organization, subject: user, role: top.id })
      await seedBinding(world, { organization, project, subject: user, role: id })
      // A slug names a role in code, also where a stored one has the same.
      await seedBinding(world, { organization, project, subject: user, role: top.slug })
    },
  ),
  storageCase(
    'roleBindings.find MUST answer what insert was given, be it a role or rules, and every window',
    async (world) => {
      const { id: organization } = await seedOrganization(world)
      const owner = { organization, subject: user }
      for (const given of [
        { role: 'viewer' },
        { rules: RULES },
        { rules: [], from: FROM },
        { role: 'viewer', until: UNTIL },
        { rules: RULES, from: FROM, until: UNTIL },
      ]) {
        const binding = await seedBinding(world, { ...owner, ...given })
        assert.deepEqual(await world.storage.roleBindings.find(organization, binding.id), binding)
      }
    },
  ),
  storageCase(
    'roleBindings.insert MUST NOT let the caller change rules or windows that are stored',
    async (world) => {
      const { roleBindings } = world.storage
      const binding = await directly(world)
      const given = structuredClone(binding)
      await roleBindings.insert(given, [])
      tamper(given)
      assert.deepEqual(await roleBindings.find(binding.organization, binding.id), binding)
    },
  ),
  storageCase(
    'roleBindings.find MUST NOT let the reader change rules or windows that are stored',
    async (world) => {
      const { roleBindings } = world.storage
      const binding = await directly(world)
      const { organization, id, subject } = binding
      await roleBindings.insert(binding, [])
      tamper(await roleBindings.find(organization, id))
      tamper(await roleBindings.heldBy(organization, [subject]))
      assert.deepEqual(await roleBindings.find(organization, id), binding)
    },
  ),
  storageCase('roleBindings.page MUST show what every given member matches', async (world) => {
    const { organization, project, role, ...seeded } = await seedBindings(world)
    const { top, stored, direct, own } = seeded
    const by = (filter: RoleBindingFilter) => bindingsBy(world, { organization, ...filter })
    assert.deepEqual(await by({}), [top, stored, direct, own])
    assert.deepEqual(await by({ project }), [stored, direct])
    assert.deepEqual(await by({ level: 'organization' }), [top])
    assert.deepEqual(await by({ level: 'project' }), [stored, direct, own])
    assert.deepEqual(await by({ subject: user }), [top, stored, direct])
    assert.deepEqual(await by({ role }), [stored])
    assert.deepEqual(await by({ role: 'viewer' }), [top, own])
    assert.deepEqual(await by({ direct: true }), [direct])
    assert.deepEqual(await by({ level: 'project', role: 'viewer' }), [own])
    assert.deepEqual(await by({ inCodeBeside: ['admin'] }), [top, own])
    assert.deepEqual(await by({ inCodeBeside: ['admin', 'viewer'] }), [])
    assert.deepEqual(await by({ inCodeBeside: [], level: 'project' }), [own])
    assert.deepEqual(await by({ project, subject: user, direct: true }), [direct])
    assert.deepEqual(await by({ role, direct: true }), [])
    assert.deepEqual(await by({ subject: own.subject, role }), [])
  }),
  storageCase(
    'roleBindings.page MUST show what every given member matches, of all organizations where none is named',
    async (world) => {
      const { project, role, top, stored, direct, own, foreign } = await seedBindings(world)
      const by = (filter: RoleBindingFilter) => bindingsBy(world, filter)
      assert.deepEqual(await by({}), [top, stored, direct, own, foreign])
      assert.deepEqual(await by({ project }), [stored, direct, foreign])
      assert.deepEqual(await by({ level: 'organization' }), [top])
      assert.deepEqual(await by({ subject: user }), [top, stored, direct, foreign])
      assert.deepEqual(await by({ role }), [stored])
      assert.deepEqual(await by({ direct: true }), [direct, foreign])
      const query = { filter: {}, order: 'id', limit: 4 } as const
      const { next } = await world.storage.roleBindings.page(query)
      const rest = await world.storage.roleBindings.page({ ...query, ...(next && { after: next }) })
      assert.deepEqual(rest, { rows: [foreign] })
    },
  ),
]

async function assertRefused(
  world: World,
  given: Given<RoleBinding, 'organization' | 'subject'>,
): Promise<void> {
  const { roleBindings } = world.storage
  const binding = world.records.binding(given)
  assert.equal(await roleBindings.insert(binding, [world.records.event()]), false)
  assert.equal(await roleBindings.find(binding.organization, binding.id), undefined)
  assert.deepEqual(await world.eventIds(), [])
}

/** A binding of rules that is not stored yet. */
async function directly(world: World): Promise<RoleBinding> {
  const { id: organization } = await seedOrganization(world)
  const window = { from: FROM, until: UNTIL }
  return world.records.binding({ organization, subject: user, rules: RULES, ...window })
}

/** One binding of each sort that a filter may tell from another one. */
async function seedBindings(world: World) {
  const { organization, project, other, foreign } = await seedScopes(world)
  const { id: role } = await seedRole(world, { organization, project })
  const { id } = await seedIdentity(world, { organization })
  const subject = user
  const identity: Subject = { kind: 'identity', id }
  return {
    organization,
    project,
    role,
    top: await seedBinding(world, { organization, subject }),
    stored: await seedBinding(world, { organization, project, subject, role, until: at(-60) }),
    direct: await seedBinding(world, { organization, project, subject, rules: RULES }),
    own: await seedBinding(world, { organization, project: other, subject: identity }),
    foreign: await seedBinding(world, { organization: foreign, project, subject, rules: RULES }),
  }
}

async function bindingsBy(
  { storage }: World,
  filter: RoleBindingFilter,
): Promise<readonly RoleBinding[]> {
  return (await storage.roleBindings.page({ filter, order: 'id', limit: 100 })).rows
}
