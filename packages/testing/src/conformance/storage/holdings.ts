import assert from 'node:assert/strict'
import type { BoundRole, Holding, Identity, RoleBinding, Subject } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at, RULES } from './records.ts'
import { seedBinding, seedIdentity, seedOrganization, seedRole, seedScopes } from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

const USER: Subject = { kind: 'user', id: 'u_1' }

/** What somebody holds, in one read. */
export const holdingCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'roleBindings.heldBy MUST answer one holding for each subject, in the same order',
    async (world) => {
      const { roleBindings } = world.storage
      const { id: organization } = await seedOrganization(world)
      const [first, second] = [
        await seedIdentity(world, { organization }),
        await seedIdentity(world, { organization }),
      ]
      const unknown: Subject = { kind: 'identity', id: world.records.id('idn') }
      const stranger: Subject = { kind: 'user', id: 'a stranger' }
      const own = await seedBinding(world, { organization, subject: subjectOf(first) })
      const theirs = await seedBinding(world, { organization, subject: USER })
      const mine: Holding = { subject: subjectOf(first), identity: first, bound: plain(own) }
      const expected: readonly Holding[] = [
        { subject: subjectOf(second), identity: second, bound: [] },
        { subject: USER, bound: plain(theirs) },
        mine,
        { subject: stranger, bound: [] },
        { subject: unknown, bound: [] },
        mine,
      ]
      const subjects = expected.map(({ subject }) => subject)
      assert.deepEqual(await roleBindings.heldBy(organization, subjects), expected)
      assert.deepEqual(await roleBindings.heldBy(organization, []), [])
    },
  ),
  storageCase(
    'roleBindings.heldBy MUST answer every binding of a subject by id, past and future ones too',
    async (world) => {
      const { organization, project, other } = await seedScopes(world)
      const base = { organization, subject: USER }
      const bindings = [
        world.records.binding({ ...base, until: at(-3600) }),
        world.records.binding({ ...base, project, from: at(3600), until: at(7200) }),
        world.records.binding({ ...base, project: other, rules: RULES }),
        world.records.binding(base),
        world.records.binding({ ...base, from: at(999_999_999) }),
      ]
      // The newest first, so that no order comes about by itself.
      for (const row of [...bindings].reverse()) await world.storage.roleBindings.insert(row, [])
      const held = await world.storage.roleBindings.heldBy(organization, [USER])
      assert.deepEqual(held, [{ subject: USER, bound: plain(...bindings) }])
    },
  ),
  storageCase('roleBindings.heldBy MUST answer the stored roles as they stand', async (world) => {
    const { storage } = world
    const { organization, project } = await seedScopes(world)
    const top = await seedRole(world, { organization })
    const low = await seedRole(world, { organization, project })
    const subject = USER
    const first = await seedBinding(world, { organization, subject, role: top.id })
    const second = await seedBinding(world, { organization, project, subject, role: low.id })
    // The slug of a stored role names none.
    const third = await seedBinding(world, { organization, subject, role: top.slug })
    const bound = async () => (await storage.roleBindings.heldBy(organization, [USER]))[0]?.bound
    const [one, two] = [
      { binding: first, role: top },
      { binding: second, role: low },
    ]
    assert.deepEqual(await bound(), [one, two, ...plain(third)])
    const revised = { ...low, rules: [{ deny: ['*'] }], revision: 2 } as const
    await storage.roles.replace(revised, [])
    assert.deepEqual(await bound(), [one, { ...two, role: revised }, ...plain(third)])
    await storage.roles.remove([organization, low.id], [])
    assert.deepEqual(await bound(), [one, ...plain(third)])
  }),
  storageCase('roleBindings.heldBy MUST answer nothing of another organization', async (world) => {
    const { roleBindings } = world.storage
    const { organization, project, foreign } = await seedScopes(world)
    const identity = await seedIdentity(world, { organization: foreign })
    for (const subject of [USER, subjectOf(identity)])
      for (const scope of [{}, { project }])
        await seedBinding(world, { organization: foreign, ...scope, subject })
    assert.deepEqual(await roleBindings.heldBy(organization, [USER, subjectOf(identity)]), [
      { subject: USER, bound: [] },
      { subject: subjectOf(identity), bound: [] },
    ])
    assert.deepEqual(await roleBindings.heldBy('gone', [USER]), [{ subject: USER, bound: [] }])
  }),
  storageCase(
    'roleBindings.heldBy MUST answer nothing of a user who has the id of an identity',
    async (world) => {
      const identity = await seedIdentity(world)
      const { organization, id } = identity
      const [workload, person] = [subjectOf(identity), { kind: 'user', id } as const]
      const own = await seedBinding(world, { organization, subject: workload })
      const theirs = await seedBinding(world, { organization, subject: person })
      const held = await world.storage.roleBindings.heldBy(organization, [workload, person])
      assert.deepEqual(held, [
        { subject: workload, identity, bound: plain(own) },
        { subject: person, bound: plain(theirs) },
      ])
    },
  ),
  storageCase(
    'roleBindings.heldBy MUST NOT let the reader change what is stored',
    async (world) => {
      const { roleBindings } = world.storage
      const identity = await seedIdentity(world)
      const { organization } = identity
      const subject = subjectOf(identity)
      const role = await seedRole(world, { organization })
      const binding = await seedBinding(world, {
        organization,
        subject,
        role: role.id,
        from: at(0),
      })
      tamper(await roleBindings.heldBy(organization, [{ ...subject }]))
      const expected = [{ subject, identity, bound: [{ binding, role }] }]
      assert.deepEqual(await roleBindings.heldBy(organization, [subject]), expected)
    },
  ),
  storageCase('roleBindings.heldBy MUST let a transaction see what it wrote', async (world) => {
    const { storage, records } = world
    const { id: organization } = await seedOrganization(world)
    const role = records.role({ organization })
    const binding = records.binding({ organization, subject: USER, role: role.id })
    await storage.transaction(async ({ roles, roleBindings }) => {
      const bound = async () => (await roleBindings.heldBy(organization, [USER]))[0]?.bound
      assert.deepEqual(await bound(), [])
      await roles.insert(role, [])
      await roleBindings.insert(binding, [])
      assert.deepEqual(await bound(), [{ binding, role }])
      assert.deepEqual((await storage.roleBindings.heldBy(organization, [USER]))[0]?.bound, [])
    })
    const held = await storage.roleBindings.heldBy(organization, [USER])
    assert.deepEqual(held, [{ subject: USER, bound: [{ binding, role }] }])
  }),
]

function subjectOf({ id }: Identity): Subject {
  return { kind: 'identity', id }
}

/** Bindings that name no stored role. */
function plain(...bindings: readonly RoleBinding[]): readonly BoundRole[] {
  return bindings.map((binding) => ({ binding }))
}
