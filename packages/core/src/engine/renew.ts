import { defined } from '../lib/defined.ts'
import type { Seconds } from '../lib/time.ts'
import { fromEpochSeconds, toEpochSeconds } from '../lib/time.ts'
import type { TokenClaims } from '../model/access-token.ts'
import { useLimitOf } from '../model/access-token.ts'
import type { EventType } from '../model/event.ts'
import type { Grant, GrantOptions } from '../model/grant.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { grantsAudience, lastExpiryOf, lifetimeOf, strictestExpiry } from '../model/token-policy.ts'
import { createBindAgain } from './bind.ts'
import type { ParsedOptions } from './grant-options.ts'
import { parseGrantOptions, wrongTarget } from './grant-options.ts'
import type { Session } from './issue-token.ts'
import { createIssueToken, endOfSession } from './issue-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { JudgedToken, JudgeToken } from './judge-token.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'
import { createRefuseToken } from './refuse-token.ts'
import { toEventSource } from './stamp.ts'

/** Answers another token of the same session for one that is shown. */
export type ContinueLogin = (
  token: string,
  source: Source,
  options?: GrantOptions,
) => Promise<Grant>

/** Makes further tokens of a login without its credential. */
export interface Continuations {
  /** Extends a login: for as long as both its own terms and today's policy allow. */
  readonly renew: ContinueLogin
  /** Answers a token that is good for no more and no longer than the one that is shown (RFC 8693). */
  readonly exchange: ContinueLogin
}

/**
 * Creates renewal and exchange: a login without a credential. Same checks, a new `jti`, the same `sid`; the old token runs
 * out.
 */
export function createContinuations(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: Pick<StaticTokenJudge, 'recognizes'>,
): Continuations {
  const { clock, maxTokenAge } = parts
  const issueToken = createIssueToken(parts)
  const refuse = createRefuseToken(parts)
  const settle = createSettle(parts)
  const bind = createBindAgain(parts)

  async function continueLogin(
    way: Way,
    [token, source, options = {}]: Parameters<ContinueLogin>,
  ): Promise<Grant> {
    if (typeof token !== 'string')
      throw new TypeError('The token to continue a login by must be a string')
    // It has no login to extend, whoever it belongs to: nobody is asked.
    if (staticTokens.recognizes(token))
      throw await refuse({ rejection: new Rejection('not_renewable') }, source)
    const now = clock.now()
    const judged = await judgeToken(token, now, source)
    if ('rejection' in judged) throw await refuse(judged, source)
    const { claims } = judged
    const said = parseGrantOptions(parts, options, claims.prm)
    if (refusesTarget(judged, said)) {
      await refuse({ rejection: new Rejection('invalid_target'), claims }, source)
      throw wrongTarget()
    }
    const confirmation = await bind({ claims, authMethod: judged.authMethod }, source, now)
    if (isRejection(confirmation)) throw await refuse({ rejection: confirmation, claims }, source)
    const { restriction, audience } = said
    const bounds = defined({ restriction, audience, confirmation })
    const session = { ...continueSession(judged), ...bounds }
    const ttl = way.ttlOf(remainingTtl(judged, session, maxTokenAge, now), claims, now)
    if (ttl < 1) throw await refuse({ rejection: new Rejection('not_renewable'), claims }, source)
    const issued = await issueToken(session, ttl, now, said)
    const occasion = { type: way.type, jti: issued.jti, now, source }
    const reason = await settle(judged, session, occasion)
    if (reason !== undefined)
      throw await refuse({ rejection: new Rejection(reason), claims }, source)
    return issued.grant
  }

  return {
    renew: (...shown) => continueLogin(RENEWAL, shown),
    exchange: (...shown) => continueLogin(EXCHANGE, shown),
  }
}

/** A token whose uses are counted is for us alone, whatever its auth method says today. */
function refusesTarget({ claims, authMethod }: JudgedToken, { audience }: ParsedOptions): boolean {
  if (audience === undefined) return false
  return claims.lim !== undefined || !grantsAudience(authMethod.tokenPolicy, audience)
}

/** How a login is continued: what that is called, and how long the new token lives of what it could. */
interface Way {
  readonly type: EventType
  readonly ttlOf: (most: Seconds, claims: TokenClaims, now: Date) => Seconds
}

const RENEWAL: Way = { type: 'token.renewed', ttlOf: (most) => most }

const EXCHANGE: Way = {
  type: 'token.exchanged',
  ttlOf: (most, { exp }, now) => Math.min(most, exp - toEpochSeconds(now)),
}

/** What a token froze at its login, cut to what its auth method would grant today. */
function continueSession(judged: JudgedToken): Session {
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

interface Occasion extends Pick<Way, 'type'> {
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
      type: occasion.type,
      organization: identity.organization,
      actor: { kind: 'identity', id: identity.id },
      target: { kind: 'token', id: session.id },
      details: { revision: authMethod.revision, jti: occasion.jti },
      ...toEventSource(occasion.source),
    })
    return storage.tokens.renew(renewal, occasion.now, [renewed])
  }
}
