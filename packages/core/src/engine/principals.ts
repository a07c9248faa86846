import { parse } from '../input/parse.ts'
import { userClaim } from '../input/user-claim.ts'
import type { Principal, UserPrincipal } from '../model/principal.ts'

/** Knows which principals this engine made: an object that merely looks like one manages nothing. */
export interface Principals {
  /** Answers a principal that this engine will know again. */
  vouch<P extends Principal>(principal: P): P
  /** Throws a `TypeError` for what this engine did not make. */
  assertOurs(principal: Principal): void
  forUser(claim: unknown): UserPrincipal
}

/** Creates the memory of one engine's principals; it keeps none alive. */
export function createPrincipals(): Principals {
  const ours = new WeakSet<Principal>()

  function vouch<P extends Principal>(principal: P): P {
    ours.add(principal)
    return principal
  }

  return {
    vouch,
    assertOurs(principal) {
      if (ours.has(principal)) return
      throw new TypeError('as() takes a principal that this engine answered')
    },
    forUser(claim) {
      const { user, organization } = parse(userClaim, claim)
      return vouch(Object.freeze({ kind: 'user', user, organization }))
    },
  }
}
