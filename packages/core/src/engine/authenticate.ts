import type { CountersignError } from '../errors.ts'
import { isCountersignError } from '../errors.ts'
import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import { fromEpochSeconds } from '../lib/time.ts'
import { useLimitOf } from '../model/access-token.ts'
import type { IdentityPrincipal } from '../model/permission/principal.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { TokenStore } from '../ports/token-store.ts'
import { confirm } from './confirm.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { JudgedToken, JudgeToken, RefusedToken } from './judge-token.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'
import type { IdentityFacts } from './principals.ts'
import { createRefuseToken } from './refuse-token.ts'
import { createUseStaticToken } from './use-static-token.ts'

/** Turns a bearer token into the principal of one request, by throwing or by answering what is wrong. */
export interface Authenticate {
  authenticate(token: string, source: Source): Promise<IdentityPrincipal>
  tryAuthenticate(token: string, source: Source): Promise<IdentityPrincipal | CountersignError>
}

/** Is told how each request ended, and whether all was known. */
export type OnEnd = (end: 'granted' | CountersignError, isKnown: boolean) => void

/** Creates the check of a request's token, which answers what is wrong, or throws it. */
export function createAuthenticate(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: StaticTokenJudge,
  onEnd: OnEnd = () => undefined,
): Authenticate {
  const judge = createJudgeRequest(parts, judgeToken, staticTokens)

  async function tryAuthenticate(
    token: string,
    source: Source,
  ): Promise<IdentityPrincipal | CountersignError> {
    if (typeof token !== 'string') throw new TypeError('The token to authenticate must be a string')
    const asked = judge(token, source)
    const answer = asked instanceof Promise ? await asked : asked
    onEnd(isCountersignError(answer) ? answer : 'granted', !(asked instanceof Promise))
    return answer
  }

  async function authenticate(token: string, source: Source): Promise<IdentityPrincipal> {
    const answer = await tryAuthenticate(token, source)
    if (isCountersignError(answer)) throw answer
    return answer
  }

  return { authenticate, tryAuthenticate }
}

type Answer = IdentityPrincipal | CountersignError

/** Creates the judgement of one request: at once where all is known. The use is counted last, after everything else. */
function createJudgeRequest(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: StaticTokenJudge,
): (token: string, source: Source) => MaybePromise<Answer> {
  const { clock, storage, principals } = parts
  const refuse = createRefuseToken(parts)
  const useStaticToken = createUseStaticToken(parts, staticTokens, refuse)
  const spend = createSpend(storage.tokens)

  /** What the token is bound to comes before its use is counted. */
  function prove(
    judged: JudgedToken | RefusedToken,
    token: string,
    source: Source,
    now: Date,
  ): MaybePromise<JudgedToken | RefusedToken> {
    if ('rejection' in judged) return judged
    const { claims } = judged
    const proved = confirm({ cnf: claims.cnf, token }, source, now, storage.tokens.markSeen)
    return after(proved, (confirmed) =>
      isRejection(confirmed) ? { rejection: confirmed, claims } : judged,
    )
  }

  function useToken(token: string, source: Source): MaybePromise<Answer> {
    const now = clock.now()
    const judged = after(judgeToken(token, now, source), (found) =>
      prove(found, token, source, now),
    )
    return after(
      after(judged, spend),
      (used): MaybePromise<Answer> =>
        'rejection' in used ? refuse(used, source) : principals.ofIdentity(toFacts(used)),
    )
  }

  /** A static token is a bearer as it stands: a proof beside it would look like a protection and be none. */
  function useStatic(token: string, source: Source): MaybePromise<Answer> {
    if (source.proof === undefined) return useStaticToken(token, source)
    return refuse({ rejection: new Rejection('not_bound') }, source)
  }

  return (token, source) => {
    const use = staticTokens.recognizes(token) ? useStatic : useToken
    try {
      const answer = use(token, source)
      return answer instanceof Promise ? answer.catch(toAnswer) : answer
    } catch (error) {
      return toAnswer(error)
    }
  }
}

/** Creates what counts the use of a token whose uses are limited. */
function createSpend(
  tokens: Pick<TokenStore, 'spend'>,
): (judged: JudgedToken | RefusedToken) => MaybePromise<JudgedToken | RefusedToken> {
  return (judged) => {
    if ('rejection' in judged) return judged
    const { claims, authMethod } = judged
    const limit = useLimitOf(claims, authMethod)
    if (limit === undefined) return judged
    return after(tokens.spend(toStandingQuery(claims), limit, []), (spent) =>
      spent ? judged : { rejection: new Rejection('token_exhausted'), claims },
    )
  }
}

/** What could not be told is an answer as well; what is a bug is thrown. */
function toAnswer(error: unknown): CountersignError {
  if (isCountersignError(error)) return error
  throw error
}

function toFacts({ claims, identity }: JudgedToken): IdentityFacts {
  return {
    identity,
    method: claims.amr[0],
    session: claims.sid,
    loggedInAt: fromEpochSeconds(claims.auth_time),
    expiresAt: fromEpochSeconds(claims.exp),
    shown: { kind: 'token', claims },
  }
}
