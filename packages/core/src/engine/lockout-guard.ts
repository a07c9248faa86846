import { secondsUntil } from '../lib/time.ts'
import type { LockoutClasses, LockoutCounter, LockoutKeys, Struck } from '../model/lockout.ts'
import { DEFAULT_LOCKOUT, isLocked, lockoutKindOf } from '../model/lockout.ts'
import { Rejection } from '../model/rejection.ts'
import type { LoginState, LoginStore, StrikeEvents } from '../ports/login-store.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'

/** The counter that judges one attempt, and the total beside it where the credential can be guessed. */
export interface LockoutGuard {
  /** The counters that a grant clears; absent where failures are not counted in the authority. */
  readonly key?: LockoutKeys
  /** Refuses every attempt while a counter is locked, the right credential too. */
  refuse(now: Date): Rejection | undefined
  /** Counts one failure with its events, and answers what the caller is told of it. */
  strike(rejection: Rejection, now: Date, events: StrikeEvents): Promise<Rejection>
  /** What a grant is told that a lock overtook since the attempt was read: the lock is as young as that. */
  overtaken(): Rejection
}

/** What an attempt says about itself. */
export interface Attempted {
  readonly identity: string
  readonly method: string
  readonly classes: LockoutClasses
  /** Whether failures count up to the ceiling, too. */
  readonly guessable: boolean
}

/** Chooses the counter of an attempt. */
export interface LockoutGuards {
  /** The guard of an attempt at an unknown id, or from an address that is not admitted. */
  forStranger(attempt: Attempted): LockoutGuard
  /** The guard of an attempt at a known auth method; undefined where its lockout is off. */
  forKnown(attempt: Attempted, state: LoginState): LockoutGuard | undefined
}

/** Creates the guards of logins: one counter per attempt, chosen by who it claims to be and where it comes from. */
export function createLockoutGuard(
  logins: Pick<LoginStore, 'strike'>,
  shadow: ShadowLockouts,
): LockoutGuards {
  function forStranger(attempt: Attempted): LockoutGuard {
    const key = keysOf(attempt, { organization: '', identity: attempt.identity }, 'strangers')
    const { total } = key
    return {
      refuse: (now) =>
        refuseLocked(shadow.find(key), now, total && shadow.find({ ...key, class: total })),
      strike: async (rejection, now) =>
        verdictOf(shadow.strike(key, DEFAULT_LOCKOUT, now), rejection, now),
      overtaken: () => new Rejection('too_many_attempts', DEFAULT_LOCKOUT.duration),
    }
  }

  function forKnown(attempt: Attempted, state: LoginState): LockoutGuard | undefined {
    const policy = state.authMethod.lockout
    if (policy === 'off') return undefined
    const { organization, id: identity } = state.identity
    const kind = lockoutKindOf(policy, state.knownSince !== undefined)
    const key = keysOf(attempt, { organization, identity }, kind)
    const total = attempt.guessable ? state.counters.total : undefined
    return {
      key,
      refuse: (now) => refuseLocked(state.counters[kind], now, total),
      strike: async (rejection, now, events) =>
        verdictOf(await logins.strike(key, policy, now, events), rejection, now),
      overtaken: () => new Rejection('too_many_attempts', policy.duration),
    }
  }

  return { forStranger, forKnown }
}

function keysOf(
  { method, classes, guessable }: Attempted,
  owner: Pick<LockoutKeys, 'organization' | 'identity'>,
  kind: keyof LockoutClasses,
): LockoutKeys {
  const key = { ...owner, method, class: classes[kind] }
  return guessable ? { ...key, total: classes.total } : key
}

/** Whoever waits is told of the lock that ends last. */
function refuseLocked(
  own: LockoutCounter | undefined,
  now: Date,
  total?: LockoutCounter,
): Rejection | undefined {
  const waits = [own, total]
    .filter((counter) => counter !== undefined && isLocked(counter, now))
    .map((counter) => (counter === undefined ? 0 : secondsUntil(now, counter.expiresAt)))
  return waits.length === 0 ? undefined : new Rejection('too_many_attempts', Math.max(...waits))
}

/** A failure that came after a lock is told of the lock: it was not even counted there. */
function verdictOf(
  { counter, counted, total }: Struck,
  rejection: Rejection,
  now: Date,
): Rejection {
  const late = counted ? undefined : refuseLocked(counter, now)
  const above = total === undefined || total.counted ? undefined : refuseLocked(total.counter, now)
  return late ?? above ?? rejection
}
