import { LRUCache } from 'lru-cache'
import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
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

/** A check that remembers, and knows how much that takes. */
export interface RememberingCheck extends TokenCheck {
  /** Bytes, estimated. */
  bytes(): number
}

/**
 * Decorates a check so that each signature is checked once. It keeps digests, never a token; what it keeps is what the
 * signature says, so nothing here can outlive a key: `forget` drops it all when keys change.
 */
export function withSeenTokens(inner: TokenCheck, limits: SeenTokensLimits): RememberingCheck {
  const believed = new LRUCache<string, TokenClaims>({
    max: limits.tokens,
    maxSize: limits.bytes,
  })
  const refused = new LRUCache<string, Rejection<TokenReason>>({ max: limits.refused })

  function firstSight(
    token: string,
    name: string,
    now: Date,
  ): MaybePromise<TokenClaims | Rejection<TokenReason>> {
    return after(inner.check(token, now), (verdict) => {
      if (!isRejection(verdict)) believed.set(name, verdict, { size: sizeOf(token) })
      else if (verdict.reason === 'bad_signature') refused.set(name, verdict)
      return verdict
    })
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
    bytes: () => believed.calculatedSize,
    whateverItsAge: (token) => inner.whateverItsAge(token),
    remembers(token) {
      if (token.length > MAX_JWT_LENGTH) return false
      const name = tokenDigest(token)
      return believed.has(name) || refused.has(name)
    },
    forget() {
      inner.forget()
      believed.clear()
      refused.clear()
    },
  }
}

/** What an entry takes beside the texts of its claims, which cannot be longer than their token. */
const FIXED_BYTES = 256

function sizeOf(token: string): number {
  return FIXED_BYTES + token.length
}
