import type { MaybePromise } from '../crypto/types.ts'
import type { TokenClaims } from '../model/access-token.ts'
import type { Rejection, TokenReason } from '../model/rejection.ts'

/**
 * Believes the claims of a token by its signature alone, without asking the authority.
 *
 * 1. `check` MUST answer claims only for a token of this deployment that one of its present keys signed.
 * 2. `check` MUST refuse a token at and after its expiry.
 * 3. `check` MUST NOT ask anybody about a text that has not the form of our tokens.
 * 4. `whateverItsAge` MUST answer as `check` would have before the expiry.
 */
export interface TokenCheck {
  check(token: string, now: Date): MaybePromise<TokenClaims | Rejection<TokenReason>>
  /** For revocation, which an expired token may still ask for. */
  whateverItsAge(token: string): MaybePromise<TokenClaims | Rejection<TokenReason>>
  /** Tells whether `check` knows what it thinks of this token's signature. */
  remembers(token: string): boolean
  /** Forgets what was believed, because the keys changed. */
  forget(): void
}
