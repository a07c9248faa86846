import type { Seconds } from '../lib/time.ts'
import { later, minutes } from '../lib/time.ts'
import type { CredentialEnd, StoredCredential } from './credential.ts'
import { endOf } from './credential.ts'

/** The id of a client secret; never the secret. */
export type ClientSecretId = `csc_${string}`

/** Why a client secret opens nothing any more. */
export type ClientSecretRefusal = `secret_${CredentialEnd}`

/** What is known of a client secret. */
export interface ClientSecret extends StoredCredential<ClientSecretId> {
  readonly description: string
  /** The secret that this one was made to replace. */
  readonly replaces?: ClientSecretId
  /** The secret that replaced this one; this one works until it expires, so that both work for a while. */
  readonly replacedBy?: ClientSecretId
}

/** Why this secret opens nothing at `now`, or undefined while it does. */
export function refuseClientSecret(
  secret: StoredCredential,
  now: Date,
): ClientSecretRefusal | undefined {
  const end = endOf(secret, now)
  return end === undefined ? undefined : `secret_${end}`
}

/** How long a use may be on its way to the list: it is gathered on its node, and written once a minute. */
export const STATISTICS_LAG: Seconds = minutes(2)

/**
 * Tells whether deleting a secret can lock nobody out: it opens nothing any more, or its successor is in use and it was
 * not used since, as far as the uses have been written.
 */
export function isSafeToDelete(
  secret: ClientSecret,
  successor: ClientSecret | undefined,
  now: Date,
): boolean {
  if (endOf(secret, now) !== undefined) return true
  const switchedAt = successor?.firstUsedAt
  if (switchedAt === undefined || now < later(switchedAt, STATISTICS_LAG)) return false
  return secret.lastUsedAt === undefined || secret.lastUsedAt < switchedAt
}
