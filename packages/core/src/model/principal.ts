import type { IdentityId } from './identity.ts'

/** A workload that proved itself with a token. */
export interface IdentityPrincipal {
  readonly kind: 'identity'
  readonly organization: string
  readonly identity: IdentityId
  readonly name: string
  readonly slug?: string
  readonly metadata: Readonly<Record<string, string>>
  /** How it logged in. */
  readonly method: string
  /** The login that its token belongs to, renewals included; the id of a static token is its own. */
  readonly session: string
  /** When it logged in; when a static token was made. */
  readonly loggedInAt: Date
  /** When the token it showed ends; absent where a static token never does. */
  readonly expiresAt?: Date
}

/** A person whom the host authenticated and vouches for. We know an id, nothing more. */
export interface UserPrincipal {
  readonly kind: 'user'
  readonly organization: string
  readonly user: string
}

/** Who makes one request. */
export type Principal = IdentityPrincipal | UserPrincipal
