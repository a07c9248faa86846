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
  const engine = {}

  function vouch<P extends Principal>(principal: P): P {
    new Mark(principal, engine)
    return Object.freeze(principal)
  }

  return {
    vouch,
    assertOurs(principal) {
      if (Mark.isOf(engine, principal)) return
      throw new TypeError('as() takes a principal that this engine answered')
    },
    forUser(claim) {
      const { user, organization } = parse(userClaim, claim)
      return vouch({ kind: 'user', user, organization })
    },
  }
}

function given(object: object): object {
  return object
}

/** A constructor whose subclasses add their private members to the object that they are given. */
const Given = given as unknown as new (object: object) => object

/**
 * Marks a principal with the engine that made it. Nobody else can set the mark, and no copy has it. A `WeakSet` would
 * know as much, for a tenth of the price of every request.
 */
class Mark extends Given {
  readonly #engine: object

  constructor(principal: object, engine: object) {
    super(principal)
    this.#engine = engine
  }

  /** What is no object is none of ours; asking it would throw an error that repeats it. */
  static isOf(engine: object, principal: unknown): boolean {
    if (typeof principal !== 'object' || principal === null) return false
    return #engine in principal && principal.#engine === engine
  }
}
