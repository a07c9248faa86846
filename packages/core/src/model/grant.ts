import type { Seconds } from '../lib/time.ts'
import type { Confirmation } from './confirmation.ts'
import type { IdentityId } from './identity.ts'

/** What a login or a renewal hands out (the token response of RFC 6749 section 5.1). */
export interface Grant {
  /**
   * The access token. Read it by name: it is not enumerable, so printing, copying or serialising a grant never
   * shows it.
   */
  readonly accessToken: string
  /** The scheme to show it by: `DPoP` where it is bound to the key of a proof (RFC 9449 section 5). */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** What was granted, in whole seconds. */
  readonly expiresIn: Seconds
  readonly expiresAt: Date
  /** How long renewals may go on after the login. */
  readonly maxTtl: Seconds | 'unbounded'
  readonly organization: string
  readonly identity: IdentityId
  /** One login and all its renewals. */
  readonly session: string
  /** What the token is restricted to; absent means all that its identity holds. */
  readonly permissions?: readonly string[]
}

/** Who a token is about, for a host that adds claims of its own dialect. */
export interface TokenSubject {
  readonly identity: IdentityId
  readonly name: string
  readonly organization: string
  readonly method: string
}

/** How a host shapes the tokens of one login or renewal. */
export interface GrantOptions {
  /** Adds claims beside the engine's own, which it cannot replace. */
  readonly claims?: (subject: TokenSubject) => Readonly<Record<string, string>>
  /**
   * Restricts the token to permissions, or wildcards over them: it does what its identity may do and these name. It
   * grants nothing, and of a restricted token nothing beyond its restriction can be asked for again.
   */
  readonly permissions?: readonly string[] | undefined
  /**
   * The one service that the token is for (RFC 8707), which checks it without asking us. The auth method must name it
   * among `tokenPolicy.audiences`; the token opens nothing here.
   */
  readonly audience?: string | undefined
}

/** What a token would be good for at this instant, without using it (RFC 7662 section 2.2). */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true
      readonly sub: string
      readonly client_id: string
      readonly iss: string
      readonly aud: string
      /** Absent where a static token never ends. */
      readonly exp?: number
      readonly iat: number
      readonly jti: string
      readonly org: string
      /** What the token is restricted to, separated by blanks; absent means all that its identity holds. */
      readonly scope?: string
      /** What whoever shows it must prove; absent means nothing. */
      readonly cnf?: Confirmation
      readonly token_type: 'Bearer' | 'DPoP'
    }
