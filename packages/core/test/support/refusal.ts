import { inspect } from 'node:util'
import { expect } from 'vitest'
import type { CountersignError } from '../../src/errors.ts'
import { isCountersignError } from '../../src/errors.ts'
import type { TestEngine } from './engine.ts'

/** Where rules 5 sends the one event of a refusal: into the trail, to the sinks alone, or nowhere. */
export type Told = 'recorded' | 'reported' | 'nowhere'

interface Watched extends Pick<TestEngine, 'clock' | 'calls' | 'recorded' | 'sunk' | 'canaries'> {
  readonly countersign: Pick<TestEngine['countersign'], 'maintain'>
}

/**
 * Runs what must be refused and holds it to the contract of every denial: nothing issued, no use counted, exactly one
 * event, no credential in it or in the error. A report is waited for, for one second of the hand clock.
 */
export async function refusalOf(
  engine: Watched,
  attempt: () => Promise<unknown>,
  told: Told = 'recorded',
): Promise<CountersignError> {
  const before = await recordedSoFar(engine)
  const granted = grantsIn(engine)
  const error = await errorOf(attempt)
  expect(grantsIn(engine)).toEqual(granted)
  const recorded = (await engine.recorded()).slice(before)
  const refusals = recorded.filter(({ type }) => type.endsWith('.refused'))
  expect(recorded.filter(({ type }) => !/\.refused$|^lockout\.started$/.test(type))).toEqual([])
  expect(refusals.map(({ reason }) => reason)).toEqual(told === 'recorded' ? [error.reason] : [])
  const reported = told === 'recorded' ? [] : await reportedBy(engine)
  expect(reported).toEqual(told === 'reported' ? [error.reason] : [])
  expectNoSecret(engine, error)
  expectNoSecret(engine, recorded)
  return error
}

async function recordedSoFar({ recorded }: Watched): Promise<number> {
  return (await recorded()).length
}

/** Grants, renewals and counted uses: what a denial must not add to. */
function grantsIn({ calls }: Watched): readonly number[] {
  const committed = (verb: string): number =>
    calls.answersOf(verb).filter((answer) => answer === undefined).length
  const spent = calls.answersOf('tokens.spend').filter((answer) => answer === true).length
  return [committed('logins.grant'), committed('tokens.renew'), spent]
}

async function errorOf(attempt: () => Promise<unknown>): Promise<CountersignError> {
  const answer = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (isCountersignError(answer)) return answer
  throw new Error(`It was not refused: ${inspect(answer)}`)
}

async function reportedBy({ countersign, clock, sunk, recorded }: Watched) {
  const known = new Set(sunk.map(({ id }) => id))
  clock.advance(1)
  await countersign.maintain()
  const rows = new Set((await recorded()).map(({ id }) => id))
  return sunk.filter(({ id }) => !known.has(id) && !rows.has(id)).map(({ reason }) => reason)
}

/** Looks for every credential that the test handled, in all that a logger could make of a value. */
export function expectNoSecret({ canaries }: Pick<TestEngine, 'canaries'>, value: unknown): void {
  const text = `${JSON.stringify(value)}${inspect(value, { depth: null, showHidden: true })}`
  for (const canary of canaries) expect(text.includes(canary), 'a credential shows').toBe(false)
}

/** What the caller of a refused login can see, as one text. */
export function faceOf({ code, message, retryAfter }: CountersignError): string {
  return JSON.stringify({ code, message, retryAfter })
}
