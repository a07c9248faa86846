import type { CountersignError, IdentityPrincipal } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Answer } from './answer.ts'
import type { Bearer } from './bearer.ts'
import { parseBearer, tokenOf } from './bearer.ts'
import type { Caller, Origin } from './caller.ts'
import { originOf } from './caller.ts'
import type { GuardEngine } from './engine.ts'
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
export type Verdict =
  | { readonly principal: IdentityPrincipal | undefined; readonly refused?: undefined }
  | { readonly refused: Refused }

/** Guards routes in the words of no framework. */
export interface Guard {
  /** Judges a request once, however often it is asked about: one request spends one use. */
  authenticate(request: GuardedRequest, rules?: GuardRules): Promise<Verdict>
  /** Answers who makes a request; a `TypeError` where no guard let it in, so that nobody is taken for nobody. */
  principalOf(key: object): IdentityPrincipal
  findPrincipal(key: object): IdentityPrincipal | undefined
}

/** Creates a guard. Make one and share it: what it knows of a request is its own. */
export function createGuard(engine: GuardEngine): Guard {
  const judged = new WeakMap<object, Promise<IdentityPrincipal | CountersignError>>()
  const principals = new WeakMap<object, IdentityPrincipal>()

  function judgeOnce(key: object, token: string, { source }: Origin) {
    const kept = judged.get(key) ?? engine.tryAuthenticate(token, source)
    judged.set(key, kept)
    return kept
  }

  async function authenticate(
    { key, authorization, peer }: GuardedRequest,
    { optional = false }: GuardRules = {},
  ): Promise<Verdict> {
    const bearer = parseBearer(authorization)
    if (optional && !showsOurs(engine, bearer)) return { principal: undefined }
    const origin = originOf(engine, peer)
    if (bearer.kind === 'absent') return refuse(TOKEN_MISSING, origin)
    const answer = await judgeOnce(key, tokenOf(bearer), origin)
    if (isCountersignError(answer)) return refuse(answer, origin)
    principals.set(key, answer)
    return { principal: answer }
  }

  return {
    authenticate,
    findPrincipal: (key) => principals.get(key),
    principalOf(key) {
      const principal = principals.get(key)
      if (principal !== undefined) return principal
      throw new TypeError('No guard has authenticated this request; mount authenticate() before it')
    },
  }
}

/** A header that is no proper bearer and still holds a token of ours is a mistake to be told, not a stranger. */
function showsOurs({ recognizes }: GuardEngine, bearer: Bearer): boolean {
  if (bearer.kind === 'malformed') return bearer.words.some(recognizes)
  return bearer.kind === 'token' && recognizes(bearer.token)
}

function refuse(refusal: Refusal, { requestId }: Origin): Verdict {
  return { refused: { ...answerRefusal(refusal, requestId), code: refusal.code } }
}
