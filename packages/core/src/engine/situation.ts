import type { LoginState } from '../ports/login-store.ts'
import type { Attempt } from './attempt.ts'
import type { LockoutGuard } from './lockout-guard.ts'
import { createLockoutGuard } from './lockout-guard.ts'
import type { Parts } from './parts.ts'
import { admits } from './source.ts'

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
}

/** Reads, in one question to the authority, everything that judging an attempt takes. */
export type Situate = (attempt: Attempt) => Promise<Situation>

/** Creates the one read of a login. */
export function createSituate({
  storage,
  shadow,
  clock,
}: Pick<Parts, 'storage' | 'shadow' | 'clock'>): Situate {
  const guards = createLockoutGuard(storage.logins, shadow)

  return async (attempt) => {
    const { identity, method, origin, digests } = attempt
    const attempted = { identity, method, network: origin.network }
    const now = clock.now()
    const query = { identity, method, source: origin.network, digests }
    const state = await storage.logins.find(query, now)
    if (state === undefined)
      return { attempt, admitted: false, guard: guards.forStranger(attempted), now }
    const admitted = admits(state.authMethod.tokenPolicy.trustedSources.credential, origin)
    const guard = admitted ? guards.forKnown(attempted, state) : guards.forStranger(attempted)
    return { attempt, state, admitted, now, ...(guard !== undefined && { guard }) }
  }
}
