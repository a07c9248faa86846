import { defined } from '../lib/defined.ts'
import { lockoutClassesOf, lockoutSourceOf } from '../model/lockout.ts'
import type { LoginState } from '../ports/login-store.ts'
import type { Attempt } from './attempt.ts'
import type { CheckLog } from './checks.ts'
import { createCheckLog } from './checks.ts'
import type { LockoutGuard } from './lockout-guard.ts'
import { createLockoutGuard } from './lockout-guard.ts'
import type { Parts } from './parts.ts'

/** One attempt, and all that is known when it is judged. */
export interface Situation {
  readonly attempt: Attempt
  /** Absent for an unknown identity, and for one that has no such method: nobody can tell which. */
  readonly state?: LoginState
  /** Whether the credential may be presented from this address. */
  readonly admitted: boolean
  /** The counter that judges the attempt; absent where lockout is off. */
  readonly guard?: LockoutGuard
  readonly now: Date
  /** What the verifier notes while it appraises. */
  readonly checks: CheckLog
}

/** Reads, in one question to the authority, everything that judging an attempt takes. */
export type Situate = (attempt: Attempt) => Promise<Situation>

/** Creates the one read of a login. */
export function createSituate({
  storage,
  shadow,
  clock,
  admits,
}: Pick<Parts, 'shadow' | 'clock' | 'admits'> & {
  readonly storage: Pick<Parts['storage'], 'logins'>
}): Situate {
  const guards = createLockoutGuard(storage.logins, shadow)

  return async (attempt) => {
    const { method, digests, source, network, account } = attempt
    const now = clock.now()
    const checks = createCheckLog()
    const place = lockoutSourceOf(network, account)
    const named = defined({ identity: attempt.identity, account })
    const query = { ...named, method, source: place, digests }
    const state = await storage.logins.find(query, now)
    // Whoever names nobody is counted by where it comes from.
    const identity = attempt.identity ?? state?.identity.id ?? network
    const guessable = attempt.verifier.guessable === true
    const attempted = { identity, method, classes: lockoutClassesOf(query), guessable }
    if (state === undefined)
      return { attempt, admitted: false, guard: guards.forStranger(attempted), now, checks }
    const admitted = admittingLists(state).every((networks) => admits(networks, source))
    const guard = admitted ? guards.forKnown(attempted, state) : guards.forStranger(attempted)
    return { attempt, state, admitted, now, checks, ...(guard !== undefined && { guard }) }
  }
}

/** Where the auth method admits credentials from, and where this very one may be presented. */
function admittingLists({ authMethod, stored }: LoginState): readonly (readonly string[])[] {
  const { credential } = authMethod.tokenPolicy.trustedSources
  return stored?.trustedSources === undefined ? [credential] : [credential, stored.trustedSources]
}
