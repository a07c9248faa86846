import type {
  ConcretePermission,
  CountersignError,
  IdentityPrincipal,
  Principal,
  Resources,
} from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Answer } from './answer.ts'
import { Arrival } from './arrival.ts'
import type { Bearer } from './bearer.ts'
import { parseBearer, tokenOf } from './bearer.ts'
import type { Caller } from './caller.ts'
import { byScheme } from './challenge.ts'
import type { GuardEngine } from './engine.ts'
import { createMark } from './mark.ts'
import type { AskUser } from './principal.ts'
import { showsNothing, vouchFor } from './principal.ts'
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
  /** Reads the other end of its connection; asked once at most, and only where something depends on it. */
  readonly peer: () => Caller
  /**
   * Asks the host who its own session says is there; only where there is no `Authorization`. What another site may make a
   * browser send is the host's own business on its own routes.
   */
  readonly user?: AskUser | undefined
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
export type Verdict<Who = IdentityPrincipal> = Admission<Who | undefined>

/** A request that may go on, or an answer that says why not. */
type Admission<Who> =
  | { readonly principal: Who; readonly refused?: undefined }
  | { readonly refused: Refused }

/** Guards routes in the words of no framework. */
export interface Guard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> {
  /** Judges a request once, however often it is asked about: one request spends one use. */
  authenticate(request: GuardedRequest, rules?: GuardRules): Promise<Verdict<Who>>
  /**
   * Authenticates a request as `authenticate` does, and then decides whether its principal may do something. What is asked
   * may depend on the principal: it is read once there is one.
   */
  can<P extends ConcretePermission<R>>(
    request: GuardedRequest,
    permission: P,
    question?: () => GuardQuestion<R, P>,
  ): Promise<Verdict<Who>>
  /** Answers who makes a request; a `TypeError` where no guard let it in, so that nobody is taken for nobody. */
  principalOf(key: object): Who
  findPrincipal(key: object): Who | undefined
}

/** What one request was found to be, and where it comes from. */
interface Judged<Who> {
  readonly arrival: Arrival
  readonly answer: Promise<Who | CountersignError | undefined>
  /** Who a guard let in. */
  admitted: Who | undefined
}

/**
 * Creates a guard. Make one and share it: what it knows of a request is its own. Where requests bring `user` along, `Who`
 * is `Principal`.
 */
export function createGuard<R extends Resources, Who extends Principal<R> = IdentityPrincipal<R>>(
  engine: GuardEngine<R>,
): Guard<R, Who> {
  const marks = createMark<Judged<Who>>('countersign')

  function judgeOnce(request: GuardedRequest, bearer: Bearer): Judged<Who> {
    const kept = marks.get(request.key)
    if (kept !== undefined) return kept
    // People come in only where a request brings `user` along, and then the caller said that they may.
    const fresh = judge(engine, request, bearer) as Judged<Who>
    marks.set(request.key, fresh)
    return fresh
  }

  async function admit(request: GuardedRequest, bearer: Bearer): Promise<Admission<Who>> {
    if (bearer.kind === 'absent' && !asksUser(request))
      return refuse(TOKEN_MISSING, arrivalOf(engine, request, bearer), request)
    const judged = judgeOnce(request, bearer)
    const { arrival } = judged
    const principal = await judged.answer
    if (principal === undefined) return refuse(TOKEN_MISSING, arrival, request)
    if (isCountersignError(principal)) return refuse(principal, arrival, request)
    judged.admitted = principal
    return { principal }
  }

  /** One that shows no token of ours may pass unnamed. */
  async function admitStranger(request: GuardedRequest, bearer: Bearer): Promise<Verdict<Who>> {
    if (!asksUser(request)) return { principal: undefined }
    const admitted = await admit(request, bearer)
    return admitted.refused?.code === 'token_missing' ? { principal: undefined } : admitted
  }

  return {
    authenticate(request, { optional = false } = {}) {
      const bearer = parseBearer(request.authorization)
      const isStranger = optional && !showsOurs(engine, bearer)
      return isStranger ? admitStranger(request, bearer) : admit(request, bearer)
    },
    async can(request, permission, question) {
      const bearer = parseBearer(request.authorization)
      const admitted = await admit(request, bearer)
      if (admitted.refused !== undefined) return admitted
      const refusal = refuseQuestion(admitted.principal, permission, question?.())
      if (refusal === undefined) return admitted
      return refuse(refusal, judgeOnce(request, bearer).arrival, request)
    },
    findPrincipal: (key) => marks.get(key)?.admitted,
    principalOf(key) {
      const principal = marks.get(key)?.admitted
      if (principal !== undefined) return principal
      throw new TypeError('No guard has authenticated this request; mount authenticate() before it')
    },
  }
}

/** The host is asked where a request shows nothing at all: another scheme is somebody else's credential. */
function asksUser({ authorization, user }: GuardedRequest): boolean {
  return user !== undefined && showsNothing(authorization)
}

async function askUser<R extends Resources>(
  engine: GuardEngine<R>,
  user: AskUser | undefined,
): Promise<Principal<R> | CountersignError | undefined> {
  const claim = await user?.()
  return claim === undefined ? undefined : vouchFor<Principal<R>>(engine, claim)
}

function judge<R extends Resources>(
  engine: GuardEngine<R>,
  request: GuardedRequest,
  bearer: Bearer,
): Judged<Principal<R>> {
  const arrival = arrivalOf(engine, request, bearer)
  const answer =
    bearer.kind === 'absent'
      ? askUser(engine, request.user)
      : engine.tryAuthenticate(tokenOf(bearer), arrival)
  return { arrival, answer, admitted: undefined }
}

function arrivalOf(
  engine: Pick<GuardEngine, 'sourceOf'>,
  { peer }: GuardedRequest,
  bearer: Bearer,
): Arrival {
  return new Arrival(engine, peer, bearer.kind === 'absent' ? 'Bearer' : bearer.scheme)
}

/** A header that is no proper bearer and still holds a token of ours is a mistake to be told, not a stranger. */
function showsOurs({ recognizes }: Pick<GuardEngine, 'recognizes'>, bearer: Bearer): boolean {
  if (bearer.kind === 'malformed') return bearer.words.some(recognizes)
  return bearer.kind === 'token' && recognizes(bearer.token)
}

function refuse(
  refusal: Refusal,
  { requestId }: Arrival,
  { authorization }: Pick<GuardedRequest, 'authorization'>,
): { readonly refused: Refused } {
  const told = byScheme(refusal, authorization)
  return { refused: { ...answerRefusal(told, requestId), code: told.code } }
}
