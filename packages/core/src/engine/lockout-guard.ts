import { secondsUntil } from '../lib/time.ts'
import type { LockoutClasses, LockoutCounter, LockoutKey, Struck } from '../model/lockout.ts'
import { DEFAULT_LOCKOUT, isLocked, lockoutKindOf } from '../model/lockout.ts'
import { Rejection } from '../model/rejection.ts'
import type { LoginState, LoginStore, StrikeEvents } from '../ports/login-store.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'

/** The counter that judges one attempt. */
export interface LockoutGuard {
  /** The counter that a grant clears; absent where failures are not counted in the authority. */
  readonly key?: LockoutKey
  /** Refuses every attempt while the counter is locked, the right credential too. */
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
  function forStranger({ identity, method, classes }: Attempted): LockoutGuard {
    const key: LockoutKey = { organization: '', identity, method, class: classes.strangers }
    return {
      refuse: (now) => refuseLocked(shadow.find(key), now),
      strike: async (rejection, now) =>
        verdictOf(shadow.strike(key, DEFAULT_LOCKOUT, now), rejection, now),
      overtaken: () => new Rejection('too_many_attempts', DEFAULT_LOCKOUT.duration),
    }
  }

  function forKnown(attempt: Attempted, state: LoginState): LockoutGuard | undefined {
    const policy = state.authMethod.lockout
    if (policy === 'off') return undefined
    const { classes, method } = attempt
    const { organization, id: identity } = state.identity
    const kind = lockoutKindOf(policy, state.knownSince !== undefined)
    const key: LockoutKey = { organization, identity, method, class: classes[kind] }
    return {
      key,
      refuse: (now) => refuseLocked(state.counters[kind], now),
      strike: async (rejection, now, events) =>
        verdictOf(await logins.strike(key, policy, now, events), rejection, now),
      overtaken: () => new Rejection('too_many_attempts', policy.duration),
    }
  }

  return { forStranger, forKnown }
}

function refuseLocked(counter: LockoutCounter | undefined, now: Date): Rejection | undefined {
  if (counter === undefined || !isLocked(counter, now)) return undefined
  return new Rejection('too_many_attempts', secondsUntil(now, counter.expiresAt))
}

/** A failure that came after the lock is told of the lock: it was not even counted. */
function verdictOf(struck: Struck, rejection: Rejection, now: Date): Rejection {
  return struck.counted ? rejection : (refuseLocked(struck.counter, now) ?? rejection)
}
