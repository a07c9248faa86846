import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import {
  grantOf,
  markOf,
  seedCounted,
  seedOrganization,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What the store of tokens answers and counts. */
export const tokenCases: readonly Case<StorageSubject>[] = [
  storageCase('tokens.find MUST answer what stands', async (world) => {
    const workload = await seedWorkload(world)
    const { identity, authMethod } = workload
    const standing = await world.storage.tokens.find(standingQueryOf(workload, 'sid_1'), at(0))
    assert.ok(standing.epoch >= 0)
    assert.deepEqual([standing.identity, standing.authMethod], [identity, authMethod])
    assert.deepEqual([standing.revoked, standing.uses], [false, undefined])
  }),
  storageCase('tokens.find MUST never answer what stood before a change', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization, identity, authMethod } = workload
    const login = standingQueryOf(workload, 'sid_1')
    const find = () => storage.tokens.find(login, at(0))
    await find()
    const disabled = { ...identity, disabled: true, generation: 2, revision: 2 }
    await storage.identities.replace(disabled, [])
    assert.deepEqual((await find()).identity, disabled)
    const stricter = { ...authMethod, policy: { stricter: true }, revision: 2 }
    await storage.authMethods.replace(stricter, [])
    assert.deepEqual((await find()).authMethod, stricter)
    await storage.authMethods.remove([organization, identity.id, authMethod.method], [])
    assert.equal((await find()).authMethod, undefined)
    await storage.identities.remove([organization, identity.id], [])
    assert.equal((await find()).identity, undefined)
    await storage.tokens.revoke(markOf(workload, 'sid_1'), [])
    assert.equal((await find()).revoked, true)
  }),
  storageCase('tokens.find MUST NOT answer a method that was attached anew', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization, identity, authMethod } = workload
    await storage.authMethods.remove([organization, identity.id, authMethod.method], [])
    const second = world.records.authMethod({ organization, identity: identity.id })
    await storage.authMethods.insert(second, [])
    const standing = await storage.tokens.find(standingQueryOf(workload, 'sid_1'), at(0))
    assert.deepEqual([standing.identity, standing.authMethod], [identity, undefined])
  }),
  storageCase(
    'tokens.find MUST answer nothing of another organization or identity',
    async (world) => {
      const { tokens } = world.storage
      const workload = await seedWorkload(world)
      const { id: foreign } = await seedOrganization(world)
      const session = await seedCounted(world, workload)
      await tokens.revoke(markOf(workload, session), [])
      const login = standingQueryOf(workload, session)
      const elsewhere = await tokens.find({ ...login, organization: foreign }, at(0))
      const { identity, authMethod, uses, revoked } = elsewhere
      assert.deepEqual(
        [identity, authMethod, uses, revoked],
        [undefined, undefined, undefined, false],
      )
      const other = await seedWorkload(world, { organization: workload.organization })
      const mixed = await tokens.find({ ...login, authMethod: other.authMethod.id }, at(0))
      assert.equal(mixed.authMethod, undefined)
    },
  ),
  storageCase('tokens.find MUST NOT let the reader change what is stored', async (world) => {
    const { tokens } = world.storage
    const workload = await seedWorkload(world)
    const login = standingQueryOf(workload, 'sid_1')
    tamper(await tokens.find(login, at(0)))
    assert.deepEqual((await tokens.find(login, at(0))).identity, workload.identity)
  }),
  storageCase(
    'tokens.spend MUST count a use only while fewer than `limit` are counted',
    async (world) => {
      const { tokens } = world.storage
      const workload = await seedWorkload(world)
      const login = standingQueryOf(workload, await seedCounted(world, workload))
      const events = [1, 2, 3].map(() => world.records.event())
      const answers: boolean[] = []
      for (const event of events) answers.push(await tokens.spend(login, 2, [event]))
      assert.deepEqual(answers, [true, true, false])
      assert.equal((await tokens.find(login, at(0))).uses, 2)
      assert.deepEqual(
        await world.eventIds(),
        events.slice(0, 2).map(({ id }) => id),
      )
      assert.equal(await tokens.spend(login, 3, []), true)
      assert.equal(await tokens.spend(login, 1, []), false)
    },
  ),
  storageCase('tokens.spend MUST answer no for a session without a count', async (world) => {
    const workload = await seedWorkload(world)
    const login = standingQueryOf(workload, 'sid_1')
    assert.equal(await world.storage.tokens.spend(login, 10, [world.records.event()]), false)
    assert.deepEqual(await world.eventIds(), [])
    assert.equal((await world.storage.tokens.find(login, at(0))).uses, undefined)
  }),
  storageCase('tokens.spend MUST NOT count for another organization', async (world) => {
    const workload = await seedWorkload(world)
    const { id: organization } = await seedOrganization(world)
    const login = standingQueryOf(workload, await seedCounted(world, workload))
    assert.equal(await world.storage.tokens.spend({ ...login, organization }, 10, []), false)
    assert.equal((await world.storage.tokens.find(login, at(0))).uses, 0)
  }),
  storageCase('tokens.markSeen MUST answer true one time until the mark ends', async (world) => {
    const { tokens } = world.storage
    const markSeen = (key: string, now: number, until: number) =>
      tokens.markSeen({ key, until: at(until) }, at(now))
    assert.equal(await markSeen('one', 0, 60), true)
    assert.equal(await markSeen('one', 0, 60), false)
    assert.equal(await markSeen('one', 59, 600), false)
    assert.equal(await markSeen('two', 59, 600), true)
    assert.equal(await markSeen('one', 60, 120), true)
    assert.equal(await markSeen('one', 119, 120), false)
  }),
  storageCase('tokens.markSeen MUST know the keys that a grant has accepted', async (world) => {
    const { logins, tokens } = world.storage
    const workload = await seedWorkload(world)
    const charge = { kind: 'once', key: 'one', until: at(60) } as const
    const grant = grantOf(workload, { charges: [charge] })
    assert.equal(await logins.grant(grant, at(0), []), undefined)
    assert.equal(await tokens.markSeen(charge, at(1)), false)
    assert.equal(await tokens.markSeen({ ...charge, key: 'two' }, at(1)), true)
    const second = grantOf(workload, { charges: [{ ...charge, key: 'two' }] })
    assert.equal(await logins.grant(second, at(2), []), 'evidence_replayed')
  }),
  storageCase(
    'tokens.revoke MUST answer false and write no event where the mark stands',
    async (world) => {
      const workload = await seedWorkload(world)
      const [first, second] = [world.records.event(), world.records.event()]
      const mark = markOf(workload, 'sid_1')
      assert.equal(await world.storage.tokens.revoke(mark, [first]), true)
      assert.equal(await world.storage.tokens.revoke(mark, [second]), false)
      assert.deepEqual(await world.eventIds(), [first.id])
    },
  ),
  storageCase('tokens.revoke MUST keep a login revoked until its mark ends', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { identity } = workload
    const login = standingQueryOf(workload, 'sid_1')
    const isRevoked = async (seconds: number) =>
      (await storage.tokens.find(login, at(seconds))).revoked
    await storage.tokens.revoke(markOf(workload, 'sid_1'), [])
    await storage.identities.replace({ ...identity, generation: 9, revision: 2 }, [])
    assert.deepEqual([await isRevoked(0), await isRevoked(3599)], [true, true])
    await storage.tokens.revoke({ ...markOf(workload, 'sid_1'), until: at(60) }, [])
    assert.equal(await isRevoked(3599), true)
  }),
  storageCase('tokens.revoke MUST end every login of a client secret', async (world) => {
    const { tokens } = world.storage
    const workload = await seedWorkload(world)
    await tokens.revoke(markOf(workload, 'csc_1'), [])
    const login = standingQueryOf(workload, 'sid_1')
    assert.equal((await tokens.find(login, at(0))).revoked, false)
    assert.equal((await tokens.find({ ...login, credential: 'csc_1' }, at(0))).revoked, true)
    assert.equal((await tokens.find({ ...login, credential: 'csc_2' }, at(0))).revoked, false)
  }),
]
