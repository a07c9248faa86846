import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { days } from '../../src/lib/time.ts'
import type { CountersignError, Verifier } from '../../src/plugin.ts'
import { isCountersignError, Rejection } from '../../src/plugin.ts'
import { anEngine } from '../support/engine.ts'
import { createGate, flood } from '../support/gate.ts'
import { withGatedLogins } from '../support/races.ts'
import { faceOf } from '../support/refusal.ts'
import { HOME } from '../support/workload.ts'

interface Guess {
  readonly user: string
  readonly phrase: string
}

/** A method whose credential is a password of one of many users. */
function phraseMethod(guessable: boolean): Verifier<'phrase', object, Guess> {
  return {
    method: 'phrase',
    guessable,
    policy: z.strictObject({}),
    credential: z.strictObject({ user: z.string(), phrase: z.string() }),
    countedBy: ({ user }) => user,
    verify: ({ user, phrase }) =>
      phrase === 'mellon' ? { subject: user, claims: {} } : new Rejection('wrong_phrase'),
  }
}

/** An engine whose identity was logged in from as many places as it remembers. */
async function aDoor({ guessable = true, places = 0, gate = 0, ...given }: DoorGiven = {}) {
  const opened = createGate(gate)
  const engine = anEngine({
    verifiers: [phraseMethod(guessable)],
    rateLimits: 'off',
    ...(gate > 0 && { around: (storage) => withGatedLogins(storage, opened, places) }),
  })
  await engine.host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await engine.host.identities.create({
    organization: 'acme',
    name: 'door',
    authMethod: { method: 'phrase', lockout: given.lockout ?? {} },
  })
  const attempt = (phrase: string, source = HOME, user = 'alice', id: string = identity.id) =>
    engine.countersign.login(
      { method: 'phrase', identity: id, credential: { user, phrase } },
      source,
    )
  for (let index = 0; index < places; index += 1) await attempt('mellon', placeOf(index))
  const locks = async () =>
    (await engine.host.lockouts.list({ organization: 'acme' })).map((lock) => [
      lock.class.split(' ')[0],
      lock.counter.failures,
    ])
  return { ...engine, identity, attempt, locks }
}

interface DoorGiven {
  readonly guessable?: boolean
  readonly places?: number
  readonly gate?: number
  readonly lockout?: { readonly scope: 'identity' } | 'off'
}

/** What a refused attempt is told. */
async function refusalOf(attempt: Promise<unknown>): Promise<CountersignError> {
  const error = await attempt.catch((thrown: unknown) => thrown)
  if (isCountersignError(error)) return error
  throw new Error('It was not refused')
}

const placeOf = (index: number) => ({ address: `198.51.100.${index}` })

/** Fails so many times, two failures from each of the known places: none of them is locked. */
async function guess(
  { attempt }: Pick<Awaited<ReturnType<typeof aDoor>>, 'attempt'>,
  times: number,
  from = 0,
): Promise<void> {
  for (let index = from; index < from + times; index += 1) {
    const refusal = await refusalOf(attempt('friend', placeOf(Math.floor(index / 2))))
    expect(refusal.code).toBe('invalid_credential')
  }
}

describe('the ceiling of failures at a credential that can be guessed', () => {
  test('locks every source with the hundredth failure in a row, and not with the ninety-ninth', async () => {
    const door = await aDoor({ places: 60 })
    await guess(door, 99)
    expect(await door.locks()).toEqual([])
    await guess(door, 1, 99)
    expect(await door.locks()).toEqual([['total', 100]])
    for (const source of [placeOf(59), { address: '203.0.113.1' }, {}])
      expect(await refusalOf(door.attempt('mellon', source))).toMatchObject({
        code: 'locked_out',
        reason: 'too_many_attempts',
        retryAfter: 300,
      })
    const started = (await door.recorded()).filter(({ type }) => type === 'lockout.started')
    expect(started).toHaveLength(1)
    door.clock.advance(299.999)
    expect((await refusalOf(door.attempt('mellon', placeOf(59)))).retryAfter).toBe(1)
    door.clock.advance(0.001)
    await expect(door.attempt('mellon', placeOf(59))).resolves.toBeDefined()
  })

  test('is no row any more behind a login that was granted', async () => {
    const door = await aDoor({ places: 60 })
    await guess(door, 99)
    await door.attempt('mellon', placeOf(59))
    door.clock.advance(31)
    await guess(door, 99)
    expect(await door.locks()).toEqual([])
    await guess(door, 1, 99)
    expect(await door.locks()).toEqual([['total', 100]])
  })

  test('is no row any more behind a day without a failure', async () => {
    for (const [pause, locked] of [
      [days(1) - 0.001, 1],
      [days(1), 0],
    ] as const) {
      const door = await aDoor({ places: 60 })
      await guess(door, 99)
      door.clock.advance(pause)
      await guess(door, 1, 99)
      expect(await door.locks()).toHaveLength(locked)
    }
  })

  test('counts each user by themselves', async () => {
    const door = await aDoor({ places: 60 })
    await guess(door, 100)
    await expect(door.attempt('mellon', HOME, 'bob')).resolves.toBeDefined()
  })

  test('is not there where nothing can be guessed, nor where lockout is off', async () => {
    const minted = await aDoor({ places: 60, guessable: false })
    await guess(minted, 110)
    expect(await minted.locks()).toEqual([])
    const off = await aDoor({ lockout: 'off' })
    for (let count = 0; count < 110; count += 1)
      expect((await refusalOf(off.attempt('friend'))).code).toBe('invalid_credential')
    expect(await off.locks()).toEqual([])
  })

  test('ends when an operator ends the locks of the identity', async () => {
    const door = await aDoor({ places: 60 })
    await guess(door, 100)
    const cleared = await door.host.lockouts.clear({
      organization: 'acme',
      identity: door.identity.id,
    })
    expect(cleared).toEqual({ cleared: 1 })
    await expect(door.attempt('mellon', placeOf(59))).resolves.toBeDefined()
  })

  test('shows in no sequence of answers: an unknown id gives the same ones', async () => {
    const door = await aDoor()
    const known: string[] = []
    const unknown: string[] = []
    for (let count = 0; count < 240; count += 1) {
      known.push(await door.attempt('friend').then(String, faceOf))
      unknown.push(await door.attempt('friend', HOME, 'alice', 'nobody').then(String, faceOf))
      door.clock.advance(count % 4 === 3 ? 300 : 1)
    }
    expect(known).toEqual(unknown)
    // The ceiling shows in the sequence itself: the hundredth failure locks, although it is the first behind a lock.
    expect(known[132]).not.toContain('locked_out')
    expect(known[133]).toContain('locked_out')
  })

  test('counts to exactly a hundred where 101 failures were read before any was written', async () => {
    const door = await aDoor({ places: 64, gate: 101 })
    const outcomes = await flood(101, (index) => door.attempt('friend', placeOf(index % 63)))
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)
    expect(codes.filter((code) => code === 'invalid_credential')).toHaveLength(100)
    expect(codes.filter((code) => code === 'locked_out')).toHaveLength(1)
    expect(await door.locks()).toEqual([['total', 100]])
  })
})
