import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import type { Standing, TokenClaims, TokenStanding } from '../model/access-token.ts'
import { refuseAge, refuseStanding } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { StandingQuery } from '../ports/token-store.ts'
import { createCheckSignature } from './check-signature.ts'
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
) => MaybePromise<JudgedToken | RefusedToken>

type JudgeParts = Pick<
  Parts,
  'storage' | 'tokenCheck' | 'keys' | 'admits' | 'maxTokenAge' | 'forgeries'
>

/**
 * Creates the judgement that authenticate, renew and introspect share: signature, standing, address. It answers at once
 * where all of that is known.
 */
export function createJudgeToken(parts: JudgeParts): JudgeToken {
  const { storage, tokenCheck, keys, admits, maxTokenAge } = parts
  const checkSignature = createCheckSignature(parts)

  /** The keys changed since the signature was checked: one of them may have been revoked. */
  function lostItsKey(
    token: string,
    now: Date,
    { keyRevision }: TokenStanding,
  ): MaybePromise<boolean> {
    return after(keys.follow(keyRevision), (changed) => {
      if (!changed) return false
      tokenCheck.forget()
      return after(tokenCheck.check(token, now), isRejection)
    })
  }

  function judge(
    claims: TokenClaims,
    standing: TokenStanding,
    unknownKey: boolean,
    source: Source | undefined,
  ): JudgedToken | RefusedToken {
    const refusal = unknownKey ? 'unknown_key' : refuseStanding(claims, standing)
    const { identity, authMethod, bound, epoch, uses } = standing
    if (refusal !== undefined || identity === undefined || authMethod === undefined)
      return { rejection: new Rejection(refusal ?? 'identity_gone'), claims }
    if (source !== undefined && !admits(authMethod.tokenPolicy.trustedSources.token, source))
      return { rejection: new Rejection('ip_not_allowed'), claims }
    return { claims, identity, authMethod, bound, epoch, ...(uses !== undefined && { uses }) }
  }

  return (token, now, source) =>
    after(checkSignature(token, now, source), (claims) => {
      if (isRejection(claims)) return { rejection: claims }
      const tooOld = refuseAge(claims, maxTokenAge, now)
      if (tooOld !== undefined) return { rejection: new Rejection(tooOld), claims }
      return after(storage.tokens.find(toStandingQuery(claims), now), (standing) =>
        after(lostItsKey(token, now, standing), (unknownKey) =>
          judge(claims, standing, unknownKey, source),
        ),
      )
    })
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
