import type { Standing, TokenClaims } from '../model/access-token.ts'
import { refuseStanding } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { StandingQuery } from '../ports/token-store.ts'
import type { CheckToken } from './check-token.ts'
import type { Parts } from './parts.ts'
import type { Origin } from './source.ts'
import { admits } from './source.ts'

/** A token that was believed, and the login behind it, which stands. */
export interface JudgedToken extends Standing {
  readonly claims: TokenClaims
  readonly epoch: number
  readonly uses?: number
}

/** A refusal, and the claims where the token was provably ours. */
export interface RefusedToken {
  readonly rejection: Rejection<TokenReason>
  readonly claims?: TokenClaims
}

/** Judges a token as it is presented at `now`; an origin is compared where one is given. */
export type JudgeToken = (
  token: string,
  now: Date,
  origin?: Origin,
) => Promise<JudgedToken | RefusedToken>

/** Creates the judgement that authenticate, renew and introspect share: signature, standing, address. */
export function createJudgeToken(
  { storage }: Pick<Parts, 'storage'>,
  checkToken: CheckToken,
): JudgeToken {
  return async (token, now, origin) => {
    const claims = await checkToken(token, now)
    if (isRejection(claims)) return { rejection: claims }
    const refuse = (reason: TokenReason): RefusedToken => ({
      rejection: new Rejection(reason),
      claims,
    })
    const standing = await storage.tokens.find(toStandingQuery(claims), now)
    const refusal = refuseStanding(claims, standing)
    if (refusal !== undefined) return refuse(refusal)
    const { identity, authMethod, epoch, uses } = standing
    if (identity === undefined || authMethod === undefined) return refuse('identity_gone')
    const { trustedSources } = authMethod.tokenPolicy
    if (origin !== undefined && !admits(trustedSources.token, origin))
      return refuse('ip_not_allowed')
    return { claims, identity, authMethod, epoch, ...(uses !== undefined && { uses }) }
  }
}

/** Names the login behind a token. */
export function toStandingQuery({ org, sub, amid, sid, csid }: TokenClaims): StandingQuery {
  return {
    organization: org,
    identity: sub,
    authMethod: amid,
    session: sid,
    ...(csid !== undefined && { clientSecret: csid }),
  }
}
