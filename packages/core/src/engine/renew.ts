import type { Seconds } from '../lib/time.ts'
import { fromEpochSeconds } from '../lib/time.ts'
import { useLimitOf } from '../model/access-token.ts'
import type { Grant, GrantOptions } from '../model/grant.ts'
import type { TokenReason } from '../model/rejection.ts'
import { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { lastExpiryOf, lifetimeOf, strictestExpiry } from '../model/token-policy.ts'
import type { Session } from './issue-token.ts'
import { createIssueToken, endOfSession } from './issue-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { JudgedToken, JudgeToken } from './judge-token.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'
import { createRefuseToken } from './refuse-token.ts'
import { toEventSource } from './stamp.ts'

/** Extends a login: a new token with the same session, for as long as both its own terms and today's policy allow. */
export type Renew = (token: string, source: Source, options?: GrantOptions) => Promise<Grant>

/** Creates renewal: a login without a credential. Same checks, a new `jti`, the same `sid`; the old token runs out. */
export function createRenew(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: Pick<StaticTokenJudge, 'recognizes'>,
): Renew {
  const { clock, maxTokenAge } = parts
  const issueToken = createIssueToken(parts)
  const refuse = createRefuseToken(parts)
  const settle = createSettle(parts)

  return async function renew(token, source, options = {}) {
    if (typeof token !== 'string') throw new TypeError('The token to renew must be a string')
    // It has no login to extend, whoever it belongs to: nobody is asked.
    if (staticTokens.recognizes(token))
      throw await refuse({ rejection: new Rejection('not_renewable') }, source)
    const now = clock.now()
    const judged = await judgeToken(token, now, source)
    if ('rejection' in judged) throw await refuse(judged, source)
    const { claims } = judged
    const session = continueSession(judged)
    const ttl = remainingTtl(judged, session, maxTokenAge, now)
    if (ttl < 1) throw await refuse({ rejection: new Rejection('not_renewable'), claims }, source)
    const renewed = await issueToken(session, ttl, now, options)
    const reason = await settle(judged, session, { jti: renewed.jti, now, source })
    if (reason !== undefined)
      throw await refuse({ rejection: new Rejection(reason), claims }, source)
    return renewed.grant
  }
}

/** What a token froze at its login, cut to what its auth method would grant today. */
export function continueSession(judged: JudgedToken): Session {
  const { claims, identity, authMethod, epoch } = judged
  const loggedInAt = fromEpochSeconds(claims.auth_time)
  const frozen = claims.max === undefined ? undefined : fromEpochSeconds(claims.max)
  const lastExpiry = strictestExpiry(frozen, lastExpiryOf(authMethod.tokenPolicy, loggedInAt))
  const maxUses = useLimitOf(claims, authMethod) ?? authMethod.tokenPolicy.maxUses
  return {
    id: claims.sid,
    epoch,
    identity,
    authMethod,
    loggedInAt,
    ...(lastExpiry !== undefined && { lastExpiry }),
    ...(claims.csid !== undefined && { credential: claims.csid }),
    ...(maxUses !== undefined && { maxUses }),
    ...(claims.att !== undefined && { claims: claims.att }),
    ...(claims.prm !== undefined && { restriction: claims.prm }),
  }
}

/** Whole seconds that a renewal may live: less than one is none at all, and never means "no expiry". */
function remainingTtl(
  { claims, authMethod }: JudgedToken,
  { lastExpiry }: Session,
  ceiling: Seconds,
  now: Date,
): Seconds {
  const granted = claims.exp - claims.iat
  const lifetime = Math.min(granted, lifetimeOf(authMethod.tokenPolicy, ceiling))
  if (lastExpiry === undefined) return lifetime
  return Math.min(lifetime, Math.floor((lastExpiry.getTime() - now.getTime()) / 1000))
}

interface Occasion {
  readonly jti: string
  readonly now: Date
  readonly source: Source
}

function createSettle({ storage, stamp, maxTokenAge }: Parts) {
  return async (
    judged: JudgedToken,
    session: Session,
    occasion: Occasion,
  ): Promise<TokenReason | undefined> => {
    const { claims, identity, authMethod } = judged
    const { maxUses: limit, lastExpiry } = session
    const until = endOfSession(lastExpiry, occasion.now, maxTokenAge)
    const renewal = {
      ...toStandingQuery(claims),
      generation: identity.generation,
      ...(limit !== undefined && { counted: { session: session.id, until, limit } }),
    }
    const renewed = stamp({
      type: 'token.renewed',
      organization: identity.organization,
      actor: { kind: 'identity', id: identity.id },
      target: { kind: 'token', id: session.id },
      details: { revision: authMethod.revision, jti: occasion.jti },
      ...toEventSource(occasion.source),
    })
    return storage.tokens.renew(renewal, occasion.now, [renewed])
  }
}
