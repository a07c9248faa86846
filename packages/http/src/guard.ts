import type {
  ConcretePermission,
  CountersignError,
  IdentityPrincipal,
  Resources,
} from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Answer } from './answer.ts'
import type { Bearer } from './bearer.ts'
import { parseBearer, tokenOf } from './bearer.ts'
import type { Caller, Origin } from './caller.ts'
import { originOf } from './caller.ts'
import type { GuardEngine } from './engine.ts'
import type { GuardQuestion } from './question.ts'
import { refuseQuestion } from './question.ts'
import type { Refusal } from './refusal.ts'
import { answerRefusal, TOKEN_MISSING } from './refusal.ts'

/** One request at a guard, without the cost of a web `Request`. */
export interface GuardedRequest {
  /** The framework's own object for this request; the principal lives as long as it does. */
  readonly key: object
  /** The `Authorization` header, repeated ones joined by commas. */
  readonly authorization: string | undefined
  readonly peer: Caller
}

/** How one route is guarded. */
export interface GuardRules {
  /** Lets a request pass that shows no token of ours; one that shows a bad one is still refused. */
  readonly optional?: boolean
}

/** What a guard says no with, ready to be written. */
export interface Refused extends Answer {
  readonly code: Refusal['code']
}

/** What became of one request at a guard: it may go on, with or without a principal, or it may not. */
export type Verdict<R extends Resources = Resources> =
  | { readonly principal: IdentityPrincipal<R> | undefined; readonly refused?: undefined }
  | { readonly refused: Refused }

/** Guards routes in the words of no framework. */
export interface Guard<R extends Resources = Resources> {
  /** Judges a request once, however often it is asked about: one request spends one use. */
  authenticate(request: GuardedRequest, rules?: GuardRules): Promise<Verdict<R>>
  /**
   * Authenticates a request as `authenticate` does, and then decides whether its principal may do something. What is asked
   * may depend on the principal: it is read once there is one.
   */
  can<P extends ConcretePermission<R>>(
    request: GuardedRequest,
    permission: P,
    question?: () => GuardQuestion<R, P>,
  ): Promise<Verdict<R>>
  /** Answers who makes a request; a `TypeError` where no guard let it in, so that nobody is taken for nobody. */
  principalOf(key: object): IdentityPrincipal<R>
  findPrincipal(key: object): IdentityPrincipal<R> | undefined
}

/** What one request was found to be, and what it is called. */
interface Judged<R extends Resources> {
  readonly origin: Origin
  readonly answer: Promise<IdentityPrincipal<R> | CountersignError>
}

/** A request that may go on, or an answer that says why not. */
type Outcome<R extends Resources> =
  | {
      readonly principal: IdentityPrincipal<R>
      readonly origin: Origin
      readonly refused?: undefined
    }
  | { readonly refused: Refused }

/** Creates a guard. Make one and share it: what it knows of a request is its own. */
export function createGuard<R extends Resources>(engine: GuardEngine<R>): Guard<R> {
  const judged = new WeakMap<object, Judged<R>>()
  const principals = new WeakMap<object, IdentityPrincipal<R>>()

  function judgeOnce(key: object, token: string, peer: Caller): Judged<R> {
    const kept = judged.get(key)
    if (kept !== undefined) return kept
    const origin = originOf(engine, peer)
    const fresh = { origin, answer: engine.tryAuthenticate(token, origin.source) }
    judged.set(key, fresh)
    return fresh
  }

  async function admit({ key, peer }: GuardedRequest, bearer: Bearer): Promise<Outcome<R>> {
    if (bearer.kind === 'absent') return refuse(TOKEN_MISSING, originOf(engine, peer))
    const { origin, answer } = judgeOnce(key, tokenOf(bearer), peer)
    const principal = await answer
    if (isCountersignError(principal)) return refuse(principal, origin)
    principals.set(key, principal)
    return { principal, origin }
  }

  return {
    async authenticate(request, { optional = false } = {}) {
      const bearer = parseBearer(request.authorization)
      if (optional && !showsOurs(engine, bearer)) return { principal: undefined }
      const admitted = await admit(request, bearer)
      return admitted.refused === undefined ? { principal: admitted.principal } : admitted
    },
    async can(request, permission, question) {
      const admitted = await admit(request, parseBearer(request.authorization))
      if (admitted.refused !== undefined) return admitted
      const { principal, origin } = admitted
      const refusal = refuseQuestion(principal, permission, question?.())
      return refusal === undefined ? { principal } : refuse(refusal, origin)
    },
    findPrincipal: (key) => principals.get(key),
    principalOf(key) {
      const principal = principals.get(key)
      if (principal !== undefined) return principal
      throw new TypeError('No guard has authenticated this request; mount authenticate() before it')
    },
  }
}

/** A header that is no proper bearer and still holds a token of ours is a mistake to be told, not a stranger. */
function showsOurs({ recognizes }: Pick<GuardEngine, 'recognizes'>, bearer: Bearer): boolean {
  if (bearer.kind === 'malformed') return bearer.words.some(recognizes)
  return bearer.kind === 'token' && recognizes(bearer.token)
}

function refuse(refusal: Refusal, { requestId }: Origin): { readonly refused: Refused } {
  return { refused: { ...answerRefusal(refusal, requestId), code: refusal.code } }
}
