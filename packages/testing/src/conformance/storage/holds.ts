import assert from 'node:assert/strict'
import type { Storage, Stores } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Gate } from '../gate.ts'
import { createGate, race } from '../gate.ts'
import type { Records } from './records.ts'
import { at } from './records.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  seedCounted,
  seedOrganization,
  seedStaticToken,
  seedWorkload,
  standingQueryOf,
  strikeOnce,
} from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** Longer than whatever does not wait for the organization takes. */
const TURNS = 50

/** Longer than that on a machine that is busy with something else, too. */
const MANY_TURNS = 1000

/** Transactions that hold the same organization, and judge by what they then read. */
export const holdCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'organizations.hold MUST let one of two pass a limit, where both hold before they read',
    async (world) => {
      const { id } = await seedOrganization(world)
      const gate = createGate(2)
      const answers = await Promise.all(
        [1, 2].map(() => world.storage.transaction((stores) => bindFirst(stores, world, id, gate))),
      )
      assert.deepEqual(answers.sort(), [false, true])
      assert.equal(await countBindings(world.storage, id), 1)
    },
  ),
  storageCase(
    'organizations.hold MUST let one of two pass a limit, where both had read before they hold',
    async (world) => {
      const { id } = await seedOrganization(world)
      const gate = createGate(2)
      const answers = await Promise.all(
        [1, 2].map(() =>
          world.storage.transaction(async (stores) => {
            await countBindings(stores, id)
            await gate()
            await stores.organizations.hold(id)
            return (await countBindings(stores, id)) < 1 && bindOne(stores, world.records, id)
          }),
        ),
      )
      assert.deepEqual(answers.sort(), [false, true])
      assert.equal(await countBindings(world.storage, id), 1)
    },
  ),
  storageCase(
    'organizations.hold MUST let no more pass a limit than it allows, however many hold at once',
    async (world) => {
      const { id } = await seedOrganization(world)
      const answers = await race(world.racers, () =>
        world.storage.transaction(async (stores) => {
          await stores.organizations.hold(id)
          return (await countBindings(stores, id)) < 3 && bindOne(stores, world.records, id)
        }),
      )
      assert.equal(answers.filter(Boolean).length, 3)
      assert.equal(await countBindings(world.storage, id), 3)
    },
  ),
  storageCase('organizations.hold MUST NOT wait for its own transaction', async (world) => {
    const { id } = await seedOrganization(world)
    const second = await world.storage.transaction(async (stores) => {
      await stores.organizations.hold(id)
      return answerOf(stores.organizations.hold(id), stores, id)
    })
    assert.equal(second, 'answered')
  }),
  storageCase(
    'organizations.hold MUST NOT wait for a transaction that has failed',
    async (world) => {
      const { storage } = world
      const { id } = await seedOrganization(world)
      const failure = new Error('the run fails')
      const failing = storage.transaction(async ({ organizations }) => {
        await organizations.hold(id)
        throw failure
      })
      await assert.rejects(failing, failure)
      const next = storage.transaction(async ({ organizations }) => organizations.hold(id))
      assert.equal(await answerOf(next, storage, id), 'answered')
    },
  ),
  storageCase('organizations.hold MUST NOT make a login or a request wait', async (world) => {
    const { storage } = world
    const calls = await seedCalls(world)
    const { organization } = calls
    const asked: Promise<unknown>[] = []
    const answers = await storage.transaction(async (stores) => {
      await stores.organizations.hold(organization)
      const found: [verb: string, answer: string][] = []
      for (const [verb, call] of Object.entries(calls.verbs)) {
        const answer = Promise.resolve(call(storage))
        asked.push(answer)
        found.push([verb, await answerOf(answer, stores, organization)])
      }
      return found
    })
    await Promise.all(asked)
    for (const [verb, answer] of answers) assert.equal(answer, 'answered', verb)
  }),
]

/** Holds an organization and binds one more where nothing is bound, while another one does the same. */
export async function bindFirst(
  stores: Stores,
  { records }: World,
  organization: string,
  gate: Gate,
): Promise<boolean> {
  await stores.organizations.hold(organization)
  const bound = await countBindings(stores, organization)
  // The other one has read as well by now, unless it waits for this one to end.
  await Promise.race([gate(), takeTurns(stores, organization)])
  return bound < 1 && bindOne(stores, records, organization)
}

/** How many hold the role that `bindFirst` binds. */
export async function countBindings(
  { roleBindings }: Stores,
  organization: string,
): Promise<number> {
  const filter = { organization, role: 'viewer' }
  return (await roleBindings.page({ filter, order: 'id', limit: 1000 })).rows.length
}

function bindOne({ roleBindings }: Stores, records: Records, organization: string) {
  const subject = { kind: 'user', id: 'u_1' } as const
  return roleBindings.insert(records.binding({ organization, subject }), [])
}

/** Asks the authority often enough that whoever does not wait is done before. */
async function takeTurns({ organizations }: Stores, id: string): Promise<void> {
  for (let count = 0; count < TURNS; count += 1) await organizations.find(id)
}

/** Tells whether an answer comes while the authority is asked something else, again and again. */
async function answerOf(
  asked: Promise<unknown>,
  { organizations }: Stores,
  id: string,
): Promise<string> {
  let isAnswered = false
  asked.then(
    () => {
      isAnswered = true
    },
    () => undefined,
  )
  for (let count = 0; count < MANY_TURNS && !isAnswered; count += 1) await organizations.find(id)
  if (!isAnswered) return 'still waiting'
  return 'answered'
}

type Call = (storage: Storage) => unknown

/** Whatever a login or a request asks, about one workload. */
async function seedCalls(world: World) {
  const workload = await seedWorkload(world)
  const { organization, identity } = workload
  const { token, digest } = await seedStaticToken(world, workload)
  const login = standingQueryOf(workload, await seedCounted(world, workload))
  const renewal = { ...login, generation: identity.generation }
  const use = { organization, id: token.id }
  const subject = { kind: 'identity', id: identity.id } as const
  const verbs: Readonly<Record<string, Call>> = {
    'logins.find': ({ logins }) => logins.find(loginQueryOf(workload), at(0)),
    'logins.grant': ({ logins }) => logins.grant(grantOf(workload), at(0), []),
    'logins.strike': () => strikeOnce(world, lockoutKeyOf(workload), at(0)),
    'tokens.find': ({ tokens }) => tokens.find(login, at(0)),
    'tokens.renew': ({ tokens }) => tokens.renew(renewal, at(0), []),
    'tokens.spend': ({ tokens }) => tokens.spend(login, 10, []),
    'staticTokens.findByDigest': ({ staticTokens }) => staticTokens.findByDigest([digest], at(0)),
    'staticTokens.use': ({ staticTokens }) => staticTokens.use(use, at(0), []),
    'roleBindings.heldBy': ({ roleBindings }) => roleBindings.heldBy(organization, [subject]),
  }
  return { organization, verbs }
}
