import type { Seconds } from '../lib/time.ts'
import { days, earliest, later } from '../lib/time.ts'
import type { Actor } from './actor.ts'
import type { AuthMethodId } from './auth-method.ts'
import type { IdentityId } from './identity.ts'

/** The id of a client secret; never the secret. */
export type ClientSecretId = `csc_${string}`

/** Why a client secret opens nothing any more. */
export type ClientSecretRefusal = 'secret_revoked' | 'secret_expired' | 'secret_exhausted'

/** When, why and by whom a client secret was taken back. */
export interface Revocation {
  readonly at: Date
  readonly reason: string
  readonly by: Actor
}

/** What is known of a client secret. The secret itself was shown once; only a keyed digest is stored, and never here. */
export interface ClientSecret {
  readonly id: ClientSecretId
  readonly organization: string
  readonly identity: IdentityId
  readonly authMethod: AuthMethodId
  readonly description: string
  readonly expiresAt?: Date
  /** How many logins it may open; absent means unlimited. */
  readonly maxUses?: number
  /** Exact where `maxUses` is set, otherwise gathered once a minute. */
  readonly uses: number
  readonly lastUsedAt?: Date
  readonly revoked?: Revocation
  readonly createdAt: Date
}

/** The keyed digest that stands for a secret, and the root key it was made with. */
export interface Digest {
  readonly rootKey: string
  readonly value: string
}

/** Why this secret opens nothing at `now`, or undefined while it does. A spent or expired secret stays listed with it. */
export function refuseClientSecret(
  secret: ClientSecret,
  now: Date,
): ClientSecretRefusal | undefined {
  if (secret.revoked !== undefined) return 'secret_revoked'
  if (secret.expiresAt !== undefined && now >= secret.expiresAt) return 'secret_expired'
  if (secret.maxUses !== undefined && secret.uses >= secret.maxUses) return 'secret_exhausted'
  return undefined
}

/** How long a secret that opens nothing any more stays listed with its reason. */
export const LISTED_AFTER_END: Seconds = days(30)

/** When a secret may be forgotten; undefined while it can still open something. */
export function forgettableAt(secret: ClientSecret): Date | undefined {
  const { revoked, expiresAt, maxUses, uses, lastUsedAt, createdAt } = secret
  const spentAt = maxUses !== undefined && uses >= maxUses ? (lastUsedAt ?? createdAt) : undefined
  const ended = earliest(revoked?.at, expiresAt, spentAt)
  return ended === undefined ? undefined : later(ended, LISTED_AFTER_END)
}
