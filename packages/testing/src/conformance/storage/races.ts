import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import {
  grantOf,
  lockoutKeyOf,
  markOf,
  seedCounted,
  seedLock,
  seedOrganization,
  seedProject,
  seedRole,
  seedSecret,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import type { SharedCase } from './shared.ts'
import { prepare } from './shared.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What every store of records does when many ask at once. */
export const recordRaceCases: readonly SharedCase[] = [
  {
    words: 'insert MUST answer true to one, however many insert the same key at once',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const insert = () => store.insert(row, [world.records.event()])
      assert.equal(count(await race(world.racers, insert)), 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  },
  {
    words: 'remove MUST answer true to one, however many remove at once',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      const remove = () => store.remove(kind.keyOf(row), [world.records.event()])
      assert.equal(count(await race(world.racers, remove)), 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  },
]

/** What stores of records with revisions do when many ask at once. */
export const revisionRaceCases: readonly SharedCase[] = [
  {
    words: 'replace MUST answer true to one, however many replace the same revision at once',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      const replace = () => store.replace(kind.revise(row), [world.records.event()])
      assert.equal(count(await race(world.racers, replace)), 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  },
]

/** Single verbs that many call at once. */
export const raceCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.grant MUST grant no more than `maxUses`, however many grant at once',
    async (world) => {
      const { storage, records, racers } = world
      const workload = await seedWorkload(world)
      const { secret } = await seedSecret(world, workload, { maxUses: 3 })
      const grant = grantOf(workload, { charges: [{ kind: 'use', credential: secret.id }] })
      const answers = await race(racers, () =>
        storage.logins.grant(grant, at(0), [records.event()]),
      )
      assert.equal(count(answers.map((refusal) => refusal === undefined)), 3)
      assert.equal((await storage.clientSecrets.find(workload.organization, secret.id))?.uses, 3)
      assert.equal((await world.eventIds()).length, 3)
    },
  ),
  storageCase(
    'logins.grant MUST accept a `once` key one time, however many show it at once',
    async (world) => {
      const { storage, records, racers } = world
      const workload = await seedWorkload(world)
      const grant = grantOf(workload, { charges: [{ kind: 'once', key: 'jti 1', until: at(60) }] })
      const answers = await race(racers, () =>
        storage.logins.grant(grant, at(0), [records.event()]),
      )
      assert.equal(count(answers.map((refusal) => refusal === undefined)), 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase(
    'tokens.markSeen MUST answer true one time, however many ask at once',
    async (world) => {
      const seen = { key: 'jti 1', until: at(60) }
      const answers = await race(world.racers, () => world.storage.tokens.markSeen(seen, at(0)))
      assert.equal(count(answers), 1)
    },
  ),
  storageCase(
    'logins.strike MUST apply the transitions one after the other, however many strike at once',
    async ({ racers, ...world }) => {
      const { storage, records } = world
      const key = lockoutKeyOf(await seedWorkload({ racers, ...world }))
      const policy = { threshold: racers, window: 30, duration: 300, scope: 'source' } as const
      const locked = records.event('lockout.started')
      const struck = await race(racers, () =>
        storage.logins.strike(key, policy, at(0), { refused: [], locked: [locked] }),
      )
      const failures = struck.map(({ counter }) => counter.failures)
      assert.deepEqual(
        failures.sort((one, other) => one - other),
        Array.from({ length: racers }, (_, index) => index + 1),
      )
      assert.deepEqual(await world.eventIds(), [locked.id])
    },
  ),
  storageCase(
    'logins.strike MUST write `locked` once, however many strike at once',
    async (world) => {
      const { storage, records, racers } = world
      const key = lockoutKeyOf(await seedWorkload(world))
      const policy = { threshold: 3, window: 30, duration: 300, scope: 'source' } as const
      const struck = await race(racers, () =>
        storage.logins.strike(key, policy, at(0), { refused: [], locked: [records.event()] }),
      )
      assert.equal(count(struck.map(({ counted }) => counted)), 3)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase(
    'logins.grant MUST grant nothing once the lock stands, while others strike',
    async (world) => {
      const { storage, records, racers } = world
      const workload = await seedWorkload(world)
      const key = lockoutKeyOf(workload)
      await seedLock(world, key)
      const grant = grantOf(workload, { lockout: key })
      const answers = await race(racers, () =>
        storage.logins.grant(grant, at(0), [records.event()]),
      )
      assert.deepEqual(new Set(answers), new Set(['too_many_attempts']))
      assert.equal(
        (await storage.lockouts.active({ organization: key.organization }, at(0))).length,
        1,
      )
    },
  ),
  storageCase('tokens.spend MUST count exactly, however many spend at once', async (world) => {
    const { storage, records, racers } = world
    const workload = await seedWorkload(world)
    const login = standingQueryOf(workload, await seedCounted(world, workload))
    const answers = await race(racers, () => storage.tokens.spend(login, 7, [records.event()]))
    assert.equal(count(answers), 7)
    assert.equal((await storage.tokens.find(login, at(0))).uses, 7)
    assert.equal((await world.eventIds()).length, 7)
  }),
  storageCase(
    'tokens.revoke MUST answer true to one, however many revoke at once',
    async (world) => {
      const { storage, records, racers } = world
      const mark = markOf(await seedWorkload(world), 'sid_1')
      const answers = await race(racers, () => storage.tokens.revoke(mark, [records.event()]))
      assert.equal(count(answers), 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase('lockouts.clear MUST end a lock once, however many clear at once', async (world) => {
    const { storage, records, racers } = world
    const key = lockoutKeyOf(await seedWorkload(world))
    await seedLock(world, key)
    const { organization } = key
    const answers = await race(racers, () =>
      storage.lockouts.clear({ organization }, at(0), [records.event()]),
    )
    assert.deepEqual(
      answers.filter((ended) => ended > 0),
      [1],
    )
    assert.equal((await world.eventIds()).length, 1)
  }),
  storageCase(
    'roles.insert MUST give a slug to one, however many want it at once',
    async (world) => {
      const { storage, records, racers } = world
      const { id: organization } = await seedOrganization(world)
      const answers = await race(racers, () =>
        storage.roles.insert(records.role({ organization, slug: 'deployer' }), []),
      )
      assert.equal(count(answers), 1)
    },
  ),
  storageCase(
    'roles.remove MUST leave no binding of the role, however many bind it at once',
    async (world) => {
      const { storage, records, racers } = world
      const { organization, id } = await seedRole(world)
      const subject = { kind: 'user', id: 'u_1' } as const
      const half = Math.floor(racers / 2)
      await race(racers, (index) =>
        index === half
          ? storage.roles.remove([organization, id], [])
          : storage.roleBindings.insert(records.binding({ organization, subject, role: id }), []),
      )
      assert.equal(await storage.roles.find(organization, id), undefined)
      const filter = { organization, role: id }
      const left = await storage.roleBindings.page({ filter, order: 'id', limit: 100 })
      assert.deepEqual(left, { rows: [] })
    },
  ),
  storageCase(
    'projects.remove MUST leave no identity of the project, however many are inserted at once',
    async (world) => {
      const { storage, records, racers } = world
      const { organization, id: project } = await seedProject(world)
      const half = Math.floor(racers / 2)
      await race(racers, (index) =>
        index === half
          ? storage.projects.remove([organization, project], [])
          : storage.identities.insert(records.identity({ organization, project }), []),
      )
      assert.equal(await storage.projects.find(organization, project), undefined)
      const left = await storage.identities.page({
        filter: { organization },
        order: 'id',
        limit: 100,
      })
      assert.deepEqual(left, { rows: [] })
    },
  ),
  storageCase(
    'identities.insert MUST give a slug to one, however many want it at once',
    async (world) => {
      const { storage, records, racers } = world
      const { organization } = await seedWorkload(world)
      const answers = await race(racers, () =>
        storage.identities.insert(records.identity({ organization, slug: 'deployer' }), []),
      )
      assert.equal(count(answers), 1)
    },
  ),
]

function count(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length
}
