import { fromEpochSeconds } from '../lib/time.ts'
import { isRejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { endOfSession } from './issue-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { Parts } from './parts.ts'
import { createRevokeStaticToken } from './revoke-static-token.ts'
import { toEventSource } from './stamp.ts'

/** Ends a login: the token shown, and every renewal of it. An expired token may ask, an unknown one changes nothing. */
export type Revoke = (token: string, source: Source) => Promise<void>

/** Creates revocation by the bearer (RFC 7009): the answer is the same whether the token was alive, dead or not ours. */
export function createRevoke(parts: Parts, staticTokens: StaticTokenJudge): Revoke {
  const { storage, clock, stamp, tokenCheck, maxTokenAge } = parts
  const revokeStaticToken = createRevokeStaticToken(parts, staticTokens)

  return async function revoke(token, source) {
    if (typeof token !== 'string') throw new TypeError('The token to revoke must be a string')
    if (staticTokens.recognizes(token)) return revokeStaticToken(token, source)
    const claims = await tokenCheck.whateverItsAge(token)
    if (isRejection(claims)) return
    const now = clock.now()
    const lastExpiry = claims.max === undefined ? undefined : fromEpochSeconds(claims.max)
    const until = endOfSession(lastExpiry, now, maxTokenAge)
    if (until <= now) return
    const revoked = stamp({
      type: 'token.revoked',
      organization: claims.org,
      actor: { kind: 'identity', id: claims.sub },
      target: { kind: 'token', id: claims.sid },
      reason: 'by_bearer',
      ...toEventSource(source),
    })
    await storage.tokens.revoke({ organization: claims.org, id: claims.sid, until }, [revoked])
  }
}
