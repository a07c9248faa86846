import { LRUCache } from 'lru-cache'
import { tokenDigest } from '../lib/fingerprint.ts'
import { MAX_JWT_LENGTH } from '../lib/jwt.ts'
import type { TokenClaims } from '../model/access-token.ts'
import { refuseExpired } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { TokenCheck } from '../ports/token-check.ts'

/** How much a node remembers of the tokens it has seen. */
export interface SeenTokensLimits {
  /** Tokens that were believed. */
  readonly tokens: number
  /** Bytes that they may take, estimated. */
  readonly bytes: number
  /** Tokens that were refused for their signature. */
  readonly refused: number
}

/**
 * Decorates a check so that each signature is checked once. It keeps digests, never a token; what it keeps is what the
 * signature says, so nothing here can outlive a key: `forget` drops it all when keys change.
 */
export function withSeenTokens(inner: TokenCheck, limits: SeenTokensLimits): TokenCheck {
  const believed = new LRUCache<string, TokenClaims>({
    max: limits.tokens,
    maxSize: limits.bytes,
    sizeCalculation: sizeOf,
  })
  const refused = new LRUCache<string, Rejection<TokenReason>>({ max: limits.refused })

  async function firstSight(
    token: string,
    name: string,
    now: Date,
  ): Promise<TokenClaims | Rejection<TokenReason>> {
    const verdict = await inner.check(token, now)
    if (!isRejection(verdict)) believed.set(name, verdict)
    else if (verdict.reason === 'bad_signature') refused.set(name, verdict)
    return verdict
  }

  return {
    check(token, now) {
      if (token.length > MAX_JWT_LENGTH) return inner.check(token, now)
      const name = tokenDigest(token)
      const claims = believed.get(name)
      if (claims === undefined) return refused.get(name) ?? firstSight(token, name, now)
      const expired = refuseExpired(claims, now)
      if (expired === undefined) return claims
      believed.delete(name)
      return new Rejection(expired)
    },
    whateverItsAge: (token) => inner.whateverItsAge(token),
    forget() {
      inner.forget()
      believed.clear()
      refused.clear()
    },
  }
}

/** Claims of a fixed shape: only the texts in them vary. */
const FIXED_BYTES = 400

function sizeOf({ sub, sid, jti, amid, org, csid = '' }: TokenClaims): number {
  return FIXED_BYTES + sub.length + sid.length + jti.length + amid.length + org.length + csid.length
}
