import assert from 'node:assert/strict'
import type { LoginQuery } from '@countersign/core/plugin'
import { lockoutClassesOf } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  seedIdentity,
  seedKnown,
  seedLock,
  seedSecret,
  seedWorkload,
  strikeOnce,
} from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What reading for a login answers. */
export const loginFindCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.find MUST answer undefined for an identity or a method that is not there',
    async (world) => {
      const { logins } = world.storage
      const workload = await seedWorkload(world)
      const bare = await seedIdentity(world)
      const unknown = { identity: world.records.id('idn') }
      assert.equal(await logins.find(loginQueryOf(workload, unknown), at(0)), undefined)
      assert.equal(await logins.find(loginQueryOf(workload, { method: 'oidc' }), at(0)), undefined)
      const other = loginQueryOf(workload, { identity: bare.id })
      assert.equal(await logins.find(other, at(0)), undefined)
    },
  ),
  storageCase('logins.find MUST answer the identity, the method and the secret', async (world) => {
    const workload = await seedWorkload(world)
    const { secret, digest } = await seedSecret(world, workload)
    const older = { rootKey: 'older', value: 'unknown under this key' }
    const query = loginQueryOf(workload, { digests: [older, digest] })
    const state = await world.storage.logins.find(query, at(0))
    assert.deepEqual(
      [state?.identity, state?.authMethod, state?.stored],
      [workload.identity, workload.authMethod, secret],
    )
    assert.deepEqual([state?.knownSince, state?.counters], [undefined, {}])
    assert.ok(state !== undefined && state.epoch >= 0)
  }),
  storageCase('logins.find MUST answer a secret that opens nothing any more', async (world) => {
    const workload = await seedWorkload(world)
    const { secret, digest } = await seedSecret(world, workload, { expiresAt: at(0), maxUses: 1 })
    const query = loginQueryOf(workload, { digests: [digest] })
    assert.deepEqual((await world.storage.logins.find(query, at(60)))?.stored, secret)
  }),
  storageCase("logins.find MUST never answer another identity's secret", async (world) => {
    const { logins } = world.storage
    const workload = await seedWorkload(world)
    const { organization } = workload
    const near = await seedSecret(world, await seedWorkload(world, { organization }))
    const far = await seedSecret(world, await seedWorkload(world))
    const query = loginQueryOf(workload, { digests: [near.digest, far.digest] })
    const state = await logins.find(query, at(0))
    assert.deepEqual([state?.identity, state?.stored], [workload.identity, undefined])
  }),
  storageCase('logins.find MUST never answer the secret of another auth method', async (world) => {
    const workload = await seedWorkload(world)
    const { organization, identity } = workload
    const second = world.records.authMethod({ organization, identity: identity.id, method: 'ldap' })
    await world.storage.authMethods.insert(second, [])
    const { digest } = await seedSecret(world, { ...workload, authMethod: second })
    const query = loginQueryOf(workload, { digests: [digest] })
    assert.equal((await world.storage.logins.find(query, at(0)))?.stored, undefined)
  }),
  storageCase('logins.find MUST know a source until its end', async (world) => {
    const { logins } = world.storage
    const workload = await seedWorkload(world)
    const source = '192.0.2.7'
    await seedKnown(world, workload, source)
    const known = loginQueryOf(workload, { source })
    assert.deepEqual((await logins.find(known, at(86_399)))?.knownSince, at(0))
    assert.equal((await logins.find(known, at(86_400)))?.knownSince, undefined)
    const stranger = loginQueryOf(workload, { source: '192.0.2.8' })
    assert.equal((await logins.find(stranger, at(0)))?.knownSince, undefined)
    const other = loginQueryOf(await seedWorkload(world), { source })
    assert.equal((await logins.find(other, at(0)))?.knownSince, undefined)
  }),
  storageCase(
    'logins.find MUST forget the oldest source where there are too many',
    async (world) => {
      const { logins } = world.storage
      const workload = await seedWorkload(world)
      for (let count = 0; count <= 64; count += 1) {
        const remember = { method: 'universal', source: `192.0.2.${count}`, until: at(86_400) }
        await logins.grant(grantOf(workload, { remember }), at(count), [])
      }
      const sinceOf = async (source: string) =>
        (await logins.find(loginQueryOf(workload, { source }), at(100)))?.knownSince
      assert.equal(await sinceOf('192.0.2.0'), undefined)
      assert.deepEqual(await sinceOf('192.0.2.1'), at(1))
      assert.deepEqual(await sinceOf('192.0.2.64'), at(64))
    },
  ),
  storageCase(
    'logins.find MUST answer the counters that could judge the attempt',
    async (world) => {
      const workload = await seedWorkload(world)
      const source = '192.0.2.7'
      await strikeOnce(world, lockoutKeyOf(workload, `source:${source}`), at(0))
      await strikeOnce(world, lockoutKeyOf(workload, 'strangers'), at(1))
      await strikeOnce(world, lockoutKeyOf(workload, 'everybody'), at(2))
      await strikeOnce(world, lockoutKeyOf(workload, 'source:192.0.2.8'), at(2))
      const query = loginQueryOf(workload, { source })
      const failed = (seconds: number) => ({ failures: 1, locked: false, expiresAt: at(seconds) })
      assert.deepEqual((await world.storage.logins.find(query, at(3)))?.counters, {
        source: failed(30),
        strangers: failed(31),
        everybody: failed(32),
      })
      assert.deepEqual((await world.storage.logins.find(query, at(31)))?.counters, {
        everybody: failed(32),
      })
    },
  ),
  storageCase(
    'logins.find MUST answer the counters of the account that is guessed at, and no others',
    async (world) => {
      const workload = await seedWorkload(world)
      const query = loginQueryOf(workload)
      const one = { ...query, account: 'account-1' }
      const { strangers, everybody } = lockoutClassesOf(one)
      await strikeOnce(world, lockoutKeyOf(workload, strangers), at(0))
      await strikeOnce(world, lockoutKeyOf(workload, everybody), at(1))
      const find = async (asked: LoginQuery) =>
        (await world.storage.logins.find(asked, at(2)))?.counters
      const failed = (seconds: number) => ({ failures: 1, locked: false, expiresAt: at(seconds) })
      assert.deepEqual(await find(one), { strangers: failed(30), everybody: failed(31) })
      assert.deepEqual(await find({ ...query, account: 'account-2' }), {})
      assert.deepEqual(await find(query), {})
    },
  ),
]

/** What a strike does. */
export const strikeCases: readonly Case<StorageSubject>[] = [
  storageCase('logins.strike MUST apply the lockout transitions', async (world) => {
    const key = lockoutKeyOf(await seedWorkload(world))
    const strike = (seconds: number) => strikeOnce(world, key, at(seconds))
    assert.deepEqual(await strike(0), struck(1, false, 30))
    assert.deepEqual(await strike(29), struck(2, false, 59))
    assert.deepEqual(await strike(59), struck(1, false, 89))
    assert.deepEqual(await strike(60), struck(2, false, 90))
    assert.deepEqual(await strike(61), struck(3, true, 361))
    assert.deepEqual(await strike(100), { ...struck(3, true, 361), counted: false })
    assert.deepEqual(await strike(360), { ...struck(3, true, 361), counted: false })
    assert.deepEqual(await strike(361), struck(1, false, 391))
  }),
  storageCase('logins.strike MUST count each key for itself', async (world) => {
    const workload = await seedWorkload(world)
    const { organization } = workload
    const other = await seedWorkload(world, { organization })
    await seedLock(world, lockoutKeyOf(workload))
    const keys = [
      lockoutKeyOf(workload, 'everybody'),
      lockoutKeyOf(workload, 'source:192.0.2.1'),
      { ...lockoutKeyOf(workload), method: 'oidc' },
      lockoutKeyOf(other),
    ]
    for (const key of keys)
      assert.deepEqual(await strikeOnce(world, key, at(0)), struck(1, false, 30))
  }),
  storageCase(
    'logins.strike MUST write `locked` if and only if this very strike started the lock',
    async (world) => {
      const key = lockoutKeyOf(await seedWorkload(world))
      const policy = { threshold: 2, window: 30, duration: 300, scope: 'source' } as const
      const expected: string[] = []
      for (const startsLock of [false, true, false, false]) {
        const [refused, locked] = [world.records.event(), world.records.event()]
        expected.push(refused.id, ...(startsLock ? [locked.id] : []))
        const events = { refused: [refused], locked: [locked] }
        await world.storage.logins.strike(key, policy, at(1), events)
      }
      assert.deepEqual(await world.eventIds(), expected)
    },
  ),
  storageCase('logins.strike MUST lock at once where one failure is enough', async (world) => {
    const key = lockoutKeyOf(await seedWorkload(world))
    const policy = { threshold: 1, window: 30, duration: 300, scope: 'source' } as const
    const locked = world.records.event()
    const events = { refused: [], locked: [locked] }
    assert.deepEqual(
      await world.storage.logins.strike(key, policy, at(0), events),
      struck(1, true, 300),
    )
    assert.deepEqual(await world.eventIds(), [locked.id])
  }),
]

function struck(failures: number, locked: boolean, expiresAt: number) {
  return { counter: { failures, locked, expiresAt: at(expiresAt) }, counted: true }
}
