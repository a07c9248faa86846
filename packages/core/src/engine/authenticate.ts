import type { CountersignError } from '../errors.ts'
import { isCountersignError } from '../errors.ts'
import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import { fromEpochSeconds } from '../lib/time.ts'
import { useLimitOf } from '../model/access-token.ts'
import type { IdentityPrincipal } from '../model/permission/principal.ts'
import { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
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

/** Creates the check of a request's token. The use is counted last, after everything else has said yes. */
export function createAuthenticate(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: StaticTokenJudge,
): Authenticate {
  const { clock, storage, principals } = parts
  const refuse = createRefuseToken(parts)
  const useStaticToken = createUseStaticToken(parts, staticTokens, refuse)

  /** The use is counted last, after everything else has said yes. */
  function spend(judged: JudgedToken | RefusedToken): MaybePromise<JudgedToken | RefusedToken> {
    if ('rejection' in judged) return judged
    const { claims, authMethod } = judged
    const limit = useLimitOf(claims, authMethod)
    if (limit === undefined) return judged
    return after(storage.tokens.spend(toStandingQuery(claims), limit, []), (spent) =>
      spent ? judged : { rejection: new Rejection('token_exhausted'), claims },
    )
  }

  async function tryAuthenticate(
    token: string,
    source: Source,
  ): Promise<IdentityPrincipal | CountersignError> {
    if (typeof token !== 'string') throw new TypeError('The token to authenticate must be a string')
    try {
      if (staticTokens.recognizes(token)) return await useStaticToken(token, source)
      const judged = after(judgeToken(token, clock.now(), source), spend)
      const settled = judged instanceof Promise ? await judged : judged
      return 'rejection' in settled
        ? await refuse(settled, source)
        : principals.ofIdentity(toFacts(settled))
    } catch (error) {
      if (isCountersignError(error)) return error
      throw error
    }
  }

  async function authenticate(token: string, source: Source): Promise<IdentityPrincipal> {
    const answer = await tryAuthenticate(token, source)
    if (isCountersignError(answer)) throw answer
    return answer
  }

  return { authenticate, tryAuthenticate }
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
