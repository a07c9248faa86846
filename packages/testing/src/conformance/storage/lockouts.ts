import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import {
  lockoutKeyOf,
  loginQueryOf,
  seedKnown,
  seedLock,
  seedWorkload,
  strikeOnce,
} from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What operators see and end. */
export const lockoutCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'lockouts.active MUST list exactly the locks that refuse an attempt at `now`',
    async (world) => {
      const { lockouts } = world.storage
      const workload = await seedWorkload(world)
      const { organization } = workload
      const key = lockoutKeyOf(workload, 'source:192.0.2.7')
      await seedLock(world, key)
      await strikeOnce(world, lockoutKeyOf(workload, 'strangers'), at(0))
      const counter = { failures: 3, locked: true, expiresAt: at(300) }
      assert.deepEqual(await lockouts.active({ organization }, at(299)), [{ ...key, counter }])
      assert.deepEqual(await lockouts.active({ organization }, at(300)), [])
    },
  ),
  storageCase('lockouts.active MUST list what every given member matches', async (world) => {
    const { lockouts } = world.storage
    const workload = await seedWorkload(world)
    const { organization, identity } = workload
    const near = await seedWorkload(world, { organization, authMethod: { method: 'ldap' } })
    const far = await seedWorkload(world)
    for (const each of [workload, near, far]) await seedLock(world, lockoutKeyOf(each))
    const by = async (filter: object) =>
      (await lockouts.active({ organization, ...filter }, at(0)))
        .map((lock) => lock.identity)
        .sort()
    assert.deepEqual(await by({}), [identity.id, near.identity.id].sort())
    assert.deepEqual(await by({ identity: identity.id }), [identity.id])
    assert.deepEqual(await by({ method: 'ldap' }), [near.identity.id])
    assert.deepEqual(await by({ identity: identity.id, method: 'ldap' }), [])
    assert.deepEqual(await by({ identity: far.identity.id }), [])
  }),
  storageCase('lockouts.active MUST NOT let the reader change what is stored', async (world) => {
    const { lockouts } = world.storage
    const workload = await seedWorkload(world)
    const { organization } = workload
    await seedLock(world, lockoutKeyOf(workload))
    const locks = structuredClone(await lockouts.active({ organization }, at(0)))
    tamper(await lockouts.active({ organization }, at(0)))
    assert.deepEqual(await lockouts.active({ organization }, at(0)), locks)
  }),
  storageCase(
    'lockouts.clear MUST take away counters as well as locks, and answer how many locks it ended',
    async (world) => {
      const { lockouts, logins } = world.storage
      const workload = await seedWorkload(world)
      const { organization } = workload
      const event = world.records.event('lockout.cleared')
      await seedKnown(world, workload, '192.0.2.1')
      await seedLock(world, lockoutKeyOf(workload, 'strangers'))
      await seedLock(world, lockoutKeyOf(workload, 'source:192.0.2.1'))
      await strikeOnce(world, lockoutKeyOf(workload, 'everybody'), at(0))
      assert.equal(await lockouts.clear({ organization }, at(1), [event]), 2)
      const state = await logins.find(loginQueryOf(workload), at(1))
      assert.deepEqual([state?.counters, state?.knownSince], [{}, at(0)])
      assert.deepEqual(await lockouts.active({ organization }, at(1)), [])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase('lockouts.clear MUST write its events only where it ended a lock', async (world) => {
    const { lockouts, logins } = world.storage
    const workload = await seedWorkload(world)
    const { organization } = workload
    const clear = (seconds: number) =>
      lockouts.clear({ organization }, at(seconds), [world.records.event('lockout.cleared')])
    await strikeOnce(world, lockoutKeyOf(workload), at(0))
    assert.equal(await clear(1), 0)
    assert.deepEqual((await logins.find(loginQueryOf(workload), at(1)))?.counters, {})
    await seedLock(world, lockoutKeyOf(workload), at(2))
    assert.equal(await clear(302), 0)
    assert.deepEqual(await world.eventIds(), [])
  }),
  storageCase('lockouts.clear MUST leave alone what the filter does not match', async (world) => {
    const { lockouts } = world.storage
    const workload = await seedWorkload(world)
    const { organization, identity } = workload
    const near = await seedWorkload(world, { organization, authMethod: { method: 'ldap' } })
    const far = await seedWorkload(world)
    for (const each of [workload, near, far]) await seedLock(world, lockoutKeyOf(each))
    assert.equal(await lockouts.clear({ organization, identity: far.identity.id }, at(0), []), 0)
    assert.equal(await lockouts.clear({ organization, identity: identity.id }, at(0), []), 1)
    assert.equal((await lockouts.active({ organization }, at(0))).length, 1)
    assert.equal(await lockouts.clear({ organization, method: 'ldap' }, at(0), []), 1)
    assert.equal((await lockouts.active({ organization: far.organization }, at(0))).length, 1)
  }),
]
