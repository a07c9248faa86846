import assert from 'node:assert/strict'
import { CEILING, CEILING_WINDOW, DEFAULT_LOCKOUT, later } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import {
  grantOf,
  guessedKeyOf,
  loginQueryOf,
  seedLock,
  seedTotal,
  seedWorkload,
  strikeOnce,
} from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** The failures from anywhere at a credential that can be guessed. */
export const ceilingCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.strike MUST count for the total what counted for its own counter, and nothing else',
    async (world) => {
      const key = guessedKeyOf(await seedWorkload(world))
      const totals: unknown[] = []
      for (let index = 0; index < 4; index += 1) {
        const { counted, total } = await strikeOnce(world, key, at(index))
        totals.push([counted, total?.counter.failures])
      }
      // The third failure locks strangers; the fourth is none.
      assert.deepEqual(totals, [
        [true, 1],
        [true, 2],
        [true, 3],
        [false, undefined],
      ])
    },
  ),
  storageCase(
    'logins.strike MUST lock the total with the hundredth failure in a row, and not before',
    async (world) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const key = guessedKeyOf(workload)
      await seedTotal(world, key, CEILING - 2)
      const locked = records.event('lockout.started')
      const outcomes: unknown[] = []
      for (const [index, network] of ['a', 'b', 'c'].entries()) {
        const from = { ...key, class: `source:${network}` } as const
        const events = { refused: [], locked: [locked] }
        const { total } = await storage.logins.strike(from, DEFAULT_LOCKOUT, at(index), events)
        outcomes.push(total)
      }
      const standing = { failures: CEILING, locked: true, expiresAt: at(301) }
      assert.deepEqual(outcomes, [
        {
          counter: { failures: 99, locked: false, expiresAt: later(at(0), CEILING_WINDOW) },
          counted: true,
        },
        { counter: standing, counted: true },
        { counter: standing, counted: false },
      ])
      assert.deepEqual(await world.eventIds(), [locked.id])
      const state = await storage.logins.find(loginQueryOf(workload), at(300))
      assert.deepEqual(state?.counters.total, standing)
      assert.equal(
        (await storage.logins.find(loginQueryOf(workload), at(301)))?.counters.total,
        undefined,
      )
    },
  ),
  storageCase(
    'logins.strike MUST start the total anew a day behind its last failure',
    async (world) => {
      const key = guessedKeyOf(await seedWorkload(world))
      const strike = async (seconds: number) =>
        (await strikeOnce(world, key, at(seconds))).total?.counter.failures
      assert.equal(await strike(0), 1)
      assert.equal(await strike(CEILING_WINDOW - 1), 2)
      assert.equal(await strike(2 * CEILING_WINDOW - 1), 1)
    },
  ),
  storageCase(
    'logins.grant MUST refuse with `too_many_attempts` where the total is locked, and clear it with its own counter otherwise',
    async (world) => {
      const { logins } = world.storage
      const workload = await seedWorkload(world)
      const key = guessedKeyOf(workload)
      const grant = grantOf(workload, { lockout: key })
      await strikeOnce(world, key, at(0))
      await strikeOnce(world, { ...key, class: 'source:192.0.2.8' }, at(0))
      assert.equal(await logins.grant(grant, at(1), [world.records.event()]), undefined)
      const query = loginQueryOf(workload, { source: '192.0.2.8' })
      const counter = { failures: 1, locked: false, expiresAt: at(30) }
      assert.deepEqual((await logins.find(query, at(1)))?.counters, { source: counter })
      await seedTotal(world, key, CEILING)
      const [before, refused] = [await world.eventIds(), world.records.event()]
      assert.equal(await logins.grant(grant, at(299), [refused]), 'too_many_attempts')
      assert.deepEqual(await world.eventIds(), before)
      assert.equal(await logins.grant(grant, at(300), []), undefined)
    },
  ),
  storageCase(
    'logins.strike MUST write `locked` once where one strike locks both its own counter and the total',
    async (world) => {
      const { storage, records } = world
      const key = guessedKeyOf(await seedWorkload(world))
      await seedTotal(world, key, CEILING - 3)
      await strikeOnce(world, key, at(0))
      await strikeOnce(world, key, at(0))
      const [refused, locked] = [records.event(), records.event('lockout.started')]
      const events = { refused: [refused], locked: [locked] }
      const struck = await storage.logins.strike(key, DEFAULT_LOCKOUT, at(0), events)
      assert.deepEqual([struck.counter.locked, struck.total?.counter.locked], [true, true])
      assert.deepEqual(await world.eventIds(), [refused.id, locked.id])
      const { organization } = key
      const locks = await storage.lockouts.active({ organization }, at(0))
      assert.deepEqual(locks.map((lock) => lock.class).sort(), ['strangers', 'total'])
    },
  ),
  storageCase('logins.strike MUST NOT touch the total where none is named', async (world) => {
    const workload = await seedWorkload(world)
    const { total: _total, ...key } = guessedKeyOf(workload)
    assert.equal((await strikeOnce(world, key, at(0))).total, undefined)
    await seedLock(world, { ...key, class: 'everybody' })
    const state = await world.storage.logins.find(loginQueryOf(workload), at(0))
    assert.equal(state?.counters.total, undefined)
  }),
  storageCase(
    'logins.strike MUST lock the total with the hundredth failure, however many strike at once',
    async (world) => {
      const { storage, records, racers } = world
      const key = guessedKeyOf(await seedWorkload(world))
      await seedTotal(world, key, CEILING - 2)
      const locked = records.event('lockout.started')
      const events = { refused: [], locked: [locked] }
      // From as many sources as there are racers, none of which comes near to a lock of its own.
      const struck = await race(racers, (index) =>
        storage.logins.strike(
          { ...key, class: `source:198.51.100.${index}` },
          DEFAULT_LOCKOUT,
          at(0),
          events,
        ),
      )
      const totals = struck.map(({ total }) => total)
      assert.equal(totals.filter((total) => total?.counted).length, 2)
      const failures = totals.map((total) => total?.counter.failures ?? 0)
      assert.deepEqual([Math.min(...failures), Math.max(...failures)], [CEILING - 1, CEILING])
      assert.deepEqual(await world.eventIds(), [locked.id])
      const { organization } = key
      const locks = await storage.lockouts.active({ organization }, at(0))
      assert.deepEqual(
        locks.map((lock) => [lock.class, lock.counter]),
        [['total', { failures: CEILING, locked: true, expiresAt: at(300) }]],
      )
    },
  ),
]
