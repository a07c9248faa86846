import { toEpochSeconds } from '../lib/time.ts'
import { useLimitOf } from '../model/access-token.ts'
import type { Introspection } from '../model/grant.ts'
import { tokenTypeOf } from './issue-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { JudgeToken } from './judge-token.ts'
import type { Parts } from './parts.ts'

/** Tells what a token would be good for now. It spends no use, and an inactive token has no reason (RFC 7662). */
export type Introspect = (token: string) => Promise<Introspection>

/** Creates introspection: the judgement of a token without its address and without counting a use. */
export function createIntrospect(
  { clock, issuer }: Pick<Parts, 'clock' | 'issuer'>,
  judgeToken: JudgeToken,
  staticTokens: StaticTokenJudge,
): Introspect {
  async function introspectStatic(text: string): Promise<Introspection> {
    const judged = await staticTokens.judge(text, clock.now())
    if ('rejection' in judged) return { active: false }
    const { id, organization, identity, createdAt, expiresAt } = judged.token
    return {
      active: true,
      sub: identity,
      client_id: identity,
      iss: issuer,
      aud: issuer,
      ...(expiresAt !== undefined && { exp: toEpochSeconds(expiresAt) }),
      iat: toEpochSeconds(createdAt),
      jti: id,
      org: organization,
      token_type: 'Bearer',
    }
  }

  return async function introspect(token) {
    if (typeof token !== 'string') throw new TypeError('The token to introspect must be a string')
    if (staticTokens.recognizes(token)) return introspectStatic(token)
    const judged = await judgeToken(token, clock.now())
    if ('rejection' in judged) return { active: false }
    const { claims, authMethod, uses } = judged
    const limit = useLimitOf(claims, authMethod)
    if (limit !== undefined && (uses ?? limit) >= limit) return { active: false }
    const { sub, client_id, iss, aud, exp, iat, jti, org } = claims
    const scope = claims.prm?.join(' ')
    return {
      active: true,
      ...{ sub, client_id, iss, aud, exp, iat, jti, org },
      ...(scope !== undefined && { scope }),
      ...(claims.cnf !== undefined && { cnf: claims.cnf }),
      token_type: tokenTypeOf(claims),
    }
  }
}
