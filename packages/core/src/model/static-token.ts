import type { Seconds } from '../lib/time.ts'
import { days } from '../lib/time.ts'
import type { ClientSecretRefusal } from './client-secret.ts'
import { refuseClientSecret } from './client-secret.ts'
import type { CredentialEnd, StoredCredential } from './credential.ts'
import { endOf } from './credential.ts'

/** The id of a static token; never the token. */
export type StaticTokenId = `stk_${string}`

/** Why a static token opens nothing any more. */
export type StaticTokenRefusal = `token_${CredentialEnd}`

/** What is known of a static token: a bearer as it stands, for tools that can send nothing else. */
export interface StaticToken extends StoredCredential<StaticTokenId> {
  /** What people call it, and lists by name are ordered by. */
  readonly name: string
}

/** What the auth method of static tokens stores. */
export interface StaticTokenPolicy {
  /** Lets whoever holds a static token revoke it by showing it; without it, only management does. */
  readonly selfRevoke?: boolean
}

/** The auth method that static tokens belong to. */
export const STATIC_TOKEN_METHOD = 'token'

/** How long a static token lives that says nothing else. */
export const DEFAULT_STATIC_TOKEN_TTL: Seconds = days(30)

/** Why this token opens nothing at `now`, or undefined while it does. */
export function refuseStaticToken(
  token: StoredCredential,
  now: Date,
): StaticTokenRefusal | undefined {
  const end = endOf(token, now)
  return end === undefined ? undefined : `token_${end}`
}

/** Why a credential of either kind opens nothing at `now`. */
export function refuseCredential(
  credential: StoredCredential,
  now: Date,
): ClientSecretRefusal | StaticTokenRefusal | undefined {
  return isStaticToken(credential)
    ? refuseStaticToken(credential, now)
    : refuseClientSecret(credential, now)
}

/** Tells a static token from a client secret; an id says which it is. */
export function isStaticToken(credential: StoredCredential): credential is StaticToken {
  return credential.id.startsWith('stk_')
}

/** Tells whether an auth method's policy lets holders revoke their own static tokens. */
export function allowsSelfRevoke(policy: unknown): boolean {
  return (
    typeof policy === 'object' &&
    policy !== null &&
    'selfRevoke' in policy &&
    policy.selfRevoke === true
  )
}
