import assert from 'node:assert/strict'
import type { BoundRole, Subject } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at, RULES } from './records.ts'
import type { Workload } from './seed.ts'
import {
  seedBinding,
  seedOrganization,
  seedProject,
  seedRole,
  seedStaticToken,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** An identity whose bindings some verb answers. */
interface Seeded {
  readonly organization: string
  readonly subject: Subject
  find(): Promise<readonly BoundRole[] | undefined>
}

interface BoundCase {
  readonly words: string
  run(world: World, seeded: Seeded): Promise<void>
}

const shared: readonly BoundCase[] = [
  {
    words: 'MUST answer what is bound as it stands at the moment of the call',
    async run(world, { find, organization, subject }) {
      const { roles, roleBindings } = world.storage
      assert.deepEqual(await find(), [])
      const role = await seedRole(world, { organization })
      const binding = await seedBinding(world, { organization, subject, role: role.id })
      assert.deepEqual(await find(), [{ binding, role }])
      const revised = { ...role, rules: [{ deny: ['*'] }], revision: 2 } as const
      await roles.replace(revised, [])
      assert.deepEqual(await find(), [{ binding, role: revised }])
      const second = await seedBinding(world, { organization, subject })
      assert.deepEqual(await find(), [{ binding, role: revised }, { binding: second }])
      await roleBindings.remove([organization, second.id], [])
      assert.deepEqual(await find(), [{ binding, role: revised }])
      await roles.remove([organization, role.id], [])
      assert.deepEqual(await find(), [])
    },
  },
  {
    words: 'MUST answer all that is bound by id, past and future ones too',
    async run(world, { find, organization, subject }) {
      const { id: project } = await seedProject(world, { organization })
      const base = { organization, subject }
      const bindings = [
        world.records.binding({ ...base, until: at(-3600) }),
        world.records.binding({ ...base, project, from: at(3600), until: at(7200) }),
        world.records.binding({ ...base, project, rules: RULES }),
        world.records.binding(base),
      ]
      for (const row of [...bindings].reverse()) await world.storage.roleBindings.insert(row, [])
      assert.deepEqual(
        await find(),
        bindings.map((binding) => ({ binding })),
      )
    },
  },
  {
    words: 'MUST answer nothing that is bound to others',
    async run(world, { find, organization, subject }) {
      const { identity } = await seedWorkload(world, { organization })
      await seedBinding(world, { organization, subject: { kind: 'identity', id: identity.id } })
      await seedBinding(world, { organization, subject: { kind: 'user', id: subject.id } })
      assert.deepEqual(await find(), [])
    },
  },
  {
    words: 'MUST NOT let the reader change what is bound',
    async run(world, { find, organization, subject }) {
      const role = await seedRole(world, { organization })
      const binding = await seedBinding(world, { organization, subject, role: role.id })
      tamper(await find())
      assert.deepEqual(await find(), [{ binding, role }])
    },
  },
]

/** What is bound to an identity, and who answers it. */
export const boundCases: readonly Case<StorageSubject>[] = [
  ...boundCasesOf('tokens.find', async ({ storage }, workload) => {
    const login = standingQueryOf(workload, 'sid_1')
    return async () => (await storage.tokens.find(login, at(0))).bound
  }),
  ...boundCasesOf('staticTokens.findByDigest', async (world, workload) => {
    const { digest } = await seedStaticToken(world, workload)
    return async () => (await world.storage.staticTokens.findByDigest([digest], at(0)))?.bound
  }),
  storageCase('tokens.find MUST answer nothing bound to who is not there', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization, identity } = workload
    const { id: foreign } = await seedOrganization(world)
    const subject = { kind: 'identity', id: identity.id } as const
    await seedBinding(world, { organization, subject })
    const login = standingQueryOf(workload, 'sid_1')
    const elsewhere = await storage.tokens.find({ ...login, organization: foreign }, at(0))
    assert.deepEqual([elsewhere.identity, elsewhere.bound], [undefined, []])
    await storage.identities.remove([organization, identity.id], [])
    assert.deepEqual((await storage.tokens.find(login, at(0))).bound, [])
  }),
]

/** Stores what a standing is found by, and answers how to find what is bound. */
type SeedFind = (
  world: World,
  workload: Workload,
) => Promise<() => Promise<readonly BoundRole[] | undefined>>

function boundCasesOf(verb: string, seedFind: SeedFind): readonly Case<StorageSubject>[] {
  return shared.map(({ words, run }) =>
    storageCase(`${verb} ${words}`, async (world) => {
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const subject = { kind: 'identity', id: identity.id } as const
      await run(world, { organization, subject, find: await seedFind(world, workload) })
    }),
  )
}
