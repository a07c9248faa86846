import type { Seconds } from '../lib/time.ts'
import { earliest, fromEpochSeconds, toEpochSeconds } from '../lib/time.ts'
import type { Grant, LoginOptions } from '../model/grant.ts'
import { meetRestrictions } from '../model/permission/restriction.ts'
import type { TokenReason } from '../model/rejection.ts'
import { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { lifetimeOf } from '../model/token-policy.ts'
import type { Session } from './issue-token.ts'
import { createIssueToken } from './issue-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { JudgedToken, JudgeToken } from './judge-token.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'
import { createRefuseToken } from './refuse-token.ts'
import { continueSession } from './renew.ts'
import { toEventSource } from './stamp.ts'
import type { TokenWishes } from './token-wishes.ts'
import { parseWishes, refuseWishes, wished, wrongAudience } from './token-wishes.ts'

/** Trades an access token of ours for a narrower one of the same login (RFC 8693): never for more, never for longer. */
export type Exchange = (token: string, source: Source, options?: LoginOptions) => Promise<Grant>

/** Creates the exchange of our own tokens: a renewal that may only take away. It spends no use; both tokens share theirs. */
export function createExchange(
  parts: Parts,
  judgeToken: JudgeToken,
  staticTokens: Pick<StaticTokenJudge, 'recognizes'>,
): Exchange {
  const { clock, storage, stamp, maxTokenAge } = parts
  const issueToken = createIssueToken(parts)
  const refuse = createRefuseToken(parts)

  /** Commits the trade, if the login still stands: the row of a counted one lives as long as it did. */
  async function settle(
    { claims, identity, authMethod }: JudgedToken,
    { maxUses: limit }: Session,
    { jti, now, source }: Occasion,
  ): Promise<TokenReason | undefined> {
    const traded = stamp({
      type: 'token.exchanged',
      organization: identity.organization,
      actor: { kind: 'identity', id: identity.id },
      target: { kind: 'token', id: claims.sid },
      details: { revision: authMethod.revision, jti },
      ...toEventSource(source),
    })
    const renewal = {
      ...toStandingQuery(claims),
      generation: identity.generation,
      ...(limit !== undefined && { counted: { session: claims.sid, until: now, limit } }),
    }
    return storage.tokens.renew(renewal, now, [traded])
  }

  async function judge(token: string, source: Source, now: Date): Promise<JudgedToken> {
    // A static token is exchanged by a login, which spends one of its uses.
    const judged = staticTokens.recognizes(token)
      ? { rejection: new Rejection('not_renewable' as const) }
      : await judgeToken(token, now, source)
    if ('rejection' in judged) throw await refuse(judged, source)
    return judged
  }

  return async function exchange(token, source, options = {}) {
    if (typeof token !== 'string') throw new TypeError('The token to exchange must be a string')
    const wishes = parseWishes(parts, options)
    const now = clock.now()
    const judged = await judge(token, source, now)
    const { claims } = judged
    if (refuseTrade(judged, wishes)) {
      await refuse({ rejection: new Rejection('audience_not_allowed'), claims }, source)
      throw wrongAudience()
    }
    const session = narrow(judged, wishes)
    const ttl = remainingOf(judged, session, { maxTokenAge, now })
    if (ttl < 1) throw await refuse({ rejection: new Rejection('not_renewable'), claims }, source)
    const issued = await issueToken(session, ttl, now, options)
    const reason = await settle(judged, session, { jti: issued.jti, now, source })
    if (reason !== undefined)
      throw await refuse({ rejection: new Rejection(reason), claims }, source)
    return issued.grant
  }
}

interface Occasion {
  readonly jti: string
  readonly now: Date
  readonly source: Source
}

/** A token whose uses are counted is for us alone, whatever its auth method says today. */
function refuseTrade({ claims, authMethod }: JudgedToken, wishes: TokenWishes): boolean {
  const isCounted = claims.lim !== undefined && wishes.audience !== undefined
  return isCounted || refuseWishes(authMethod.tokenPolicy, wishes) !== undefined
}

/** The login of a token, cut by what both the token and the caller say. Nothing of a part outlives the whole. */
function narrow(judged: JudgedToken, wishes: TokenWishes): Session {
  const { claims } = judged
  const session = continueSession(judged)
  const restriction = meetRestrictions(claims.prm, wishes.restriction)
  const lastExpiry = earliest(fromEpochSeconds(claims.exp), session.lastExpiry)
  return {
    ...session,
    ...(lastExpiry !== undefined && { lastExpiry }),
    ...wished({ ...wishes, ...(restriction !== undefined && { restriction }) }),
  }
}

function remainingOf(
  { claims, authMethod }: JudgedToken,
  { lastExpiry }: Session,
  { maxTokenAge, now }: { readonly maxTokenAge: Seconds; readonly now: Date },
): Seconds {
  const end = lastExpiry === undefined ? claims.exp : toEpochSeconds(lastExpiry)
  return Math.min(end - toEpochSeconds(now), lifetimeOf(authMethod.tokenPolicy, maxTokenAge))
}
