import assert from 'node:assert/strict'
import type { CountersignError, Event } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Case } from './case.ts'

/** What somebody may do to evidence, or to whoever vouches for it. */
export type Hostility =
  | 'unsigned'
  | 'none'
  | 'wrong_key'
  | 'wrong_audience'
  | 'other_issuer'
  | 'expired'
  | 'not_yet_valid'
  | 'replayed'
  | 'oversized'
  | 'malformed'
  | 'issuer_down'

/** A login with evidence that was tampered with; or why this evidence cannot be tampered with in this way. */
export type Hostile = (() => Promise<unknown>) | { readonly impossible: string }

/** A verifier in a real engine, and somebody who attacks it. Lockout is off there. */
export interface HostileSubject {
  /** Logs in with good evidence, fresh each time. */
  readonly honest: () => Promise<unknown>
  readonly hostile: Readonly<Record<Hostility, Hostile>>
  /** What happened so far. */
  readonly events: () => Promise<readonly Event[]>
}

interface Expectation {
  readonly hostility: Hostility
  readonly what: string
  readonly code: 'invalid_credential' | 'invalid_request' | 'unavailable'
  /** Whether the verifier refuses, rather than the engine: then the event names the check. */
  readonly checked: boolean
}

/** What must come of each. */
export const HOSTILITIES: readonly Expectation[] = [
  {
    hostility: 'unsigned',
    what: 'evidence without a signature',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'none',
    what: 'evidence whose algorithm is none',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'wrong_key',
    what: 'evidence by another key',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'wrong_audience',
    what: 'evidence for somebody else',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'other_issuer',
    what: 'evidence of another issuer',
    code: 'invalid_credential',
    checked: true,
  },
  { hostility: 'expired', what: 'expired evidence', code: 'invalid_credential', checked: true },
  {
    hostility: 'not_yet_valid',
    what: 'evidence of the future',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'replayed',
    what: 'evidence for the second time',
    code: 'invalid_credential',
    checked: false,
  },
  {
    hostility: 'oversized',
    what: 'more evidence than anybody has',
    code: 'invalid_request',
    checked: false,
  },
  {
    hostility: 'malformed',
    what: 'what is no evidence',
    code: 'invalid_credential',
    checked: true,
  },
  {
    hostility: 'issuer_down',
    what: 'evidence that nobody can vouch for',
    code: 'unavailable',
    checked: false,
  },
]

/** Every attack that a verifier must withstand, whatever it verifies. */
export const hostileCases: readonly Case<HostileSubject>[] = HOSTILITIES.map((expectation) => ({
  name: `login MUST NOT be granted for ${expectation.what}`,
  run: (subject) => runHostile(subject, expectation),
}))

async function runHostile(
  { honest, hostile, events }: HostileSubject,
  { hostility, code, checked }: Expectation,
): Promise<void> {
  const attack = hostile[hostility]
  if (typeof attack !== 'function') {
    assert.ok(attack.impossible.length > 20, 'an exception has a reason')
    return
  }
  if (hostility !== 'issuer_down') await honest()
  const error = await refusalOf(attack)
  assert.equal(error.code, code)
  if (code !== 'invalid_credential') return
  assert.equal(faceOf(error), ONE_FACE)
  const [refused] = (await events()).filter(({ type }) => type === 'login.refused').slice(-1)
  assert.equal(refused?.reason, error.reason)
  assert.match(String(refused?.reason), /^[a-z0-9_]+$/)
  if (checked)
    assert.equal(typeof refused?.details?.['check'], 'string', 'the event names the check')
}

async function refusalOf(attack: () => Promise<unknown>): Promise<CountersignError> {
  const error = await attack().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(isCountersignError(error), `it was not refused: ${String(error)}`)
  return error
}

/** All that whoever was refused may learn. */
const ONE_FACE = JSON.stringify([
  'invalid_credential',
  'The credential was not accepted',
  undefined,
  {},
])

function faceOf(error: CountersignError): string {
  const { code, message, retryAfter, name: _name, ...rest } = error
  return JSON.stringify([code, message, retryAfter, rest])
}
