import { useLimitOf } from '../model/access-token.ts'
import type { Introspection } from '../model/grant.ts'
import type { JudgeToken } from './judge-token.ts'
import type { Parts } from './parts.ts'

/** Tells what a token would be good for now. It spends no use, and an inactive token has no reason (RFC 7662). */
export type Introspect = (token: string) => Promise<Introspection>

/** Creates introspection: the judgement of a token without its address and without counting a use. */
export function createIntrospect(
  { clock }: Pick<Parts, 'clock'>,
  judgeToken: JudgeToken,
): Introspect {
  return async function introspect(token) {
    if (typeof token !== 'string') throw new TypeError('The token to introspect must be a string')
    const judged = await judgeToken(token, clock.now())
    if ('rejection' in judged) return { active: false }
    const { claims, authMethod, uses } = judged
    const limit = useLimitOf(claims, authMethod)
    if (limit !== undefined && (uses ?? limit) >= limit) return { active: false }
    const { sub, client_id, iss, aud, exp, iat, jti, org } = claims
    return { active: true, sub, client_id, iss, aud, exp, iat, jti, org, token_type: 'Bearer' }
  }
}
