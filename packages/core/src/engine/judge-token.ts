import type { Standing, TokenClaims } from '../model/access-token.ts'
import { refuseAge, refuseStanding } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { StandingQuery } from '../ports/token-store.ts'
import type { Parts } from './parts.ts'

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

/** Judges a token as it is presented at `now`; its address is compared where a source is given. */
export type JudgeToken = (
  token: string,
  now: Date,
  source?: Source,
) => Promise<JudgedToken | RefusedToken>

/** Creates the judgement that authenticate, renew and introspect share: signature, standing, address. */
export function createJudgeToken({
  storage,
  tokenCheck,
  keys,
  admits,
  maxTokenAge,
}: Pick<Parts, 'storage' | 'tokenCheck' | 'keys' | 'admits' | 'maxTokenAge'>): JudgeToken {
  /** The keys changed since the signature was checked: one of them may have been revoked. */
  async function lostItsKey(token: string, now: Date): Promise<boolean> {
    tokenCheck.forget()
    return isRejection(await tokenCheck.check(token, now))
  }

  return async (token, now, source) => {
    const claims = await tokenCheck.check(token, now)
    if (isRejection(claims)) return { rejection: claims }
    const tooOld = refuseAge(claims, maxTokenAge, now)
    if (tooOld !== undefined) return { rejection: new Rejection(tooOld), claims }
    const standing = await storage.tokens.find(toStandingQuery(claims), now)
    const unknownKey = (await keys.follow(standing.keyRevision)) && (await lostItsKey(token, now))
    const refusal = unknownKey ? 'unknown_key' : refuseStanding(claims, standing)
    const { identity, authMethod, epoch, uses } = standing
    if (refusal !== undefined || identity === undefined || authMethod === undefined)
      return { rejection: new Rejection(refusal ?? 'identity_gone'), claims }
    if (source !== undefined && !admits(authMethod.tokenPolicy.trustedSources.token, source))
      return { rejection: new Rejection('ip_not_allowed'), claims }
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
    ...(csid !== undefined && { credential: csid }),
  }
}
