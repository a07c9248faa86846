import type { Seconds } from '../lib/time.ts'
import { days, earliest, later } from '../lib/time.ts'
import type { Actor } from './actor.ts'
import type { AuthMethodId } from './auth-method.ts'
import type { IdentityId } from './identity.ts'

/** The id of a client secret or a static token; never the credential itself. */
export type CredentialId = `csc_${string}` | `stk_${string}`

/** When, why and by whom a credential was taken back. */
export interface Revocation {
  readonly at: Date
  readonly reason: string
  readonly by: Actor
}

/** The keyed digest that stands for a credential, and the root key it was made with. */
export interface Digest {
  readonly rootKey: string
  readonly value: string
}

/**
 * What client secrets and static tokens have in common. The credential itself was shown once; only a keyed digest is
 * stored, and never here.
 */
export interface StoredCredential<Id extends CredentialId = CredentialId> {
  readonly id: Id
  readonly organization: string
  readonly identity: IdentityId
  readonly authMethod: AuthMethodId
  /** Where it may be presented from, within what its auth method admits; absent means no further limit. */
  readonly trustedSources?: readonly string[]
  readonly expiresAt?: Date
  /** How often it may be used; absent means unlimited. */
  readonly maxUses?: number
  /** Exact where `maxUses` is set, otherwise gathered once a minute. */
  readonly uses: number
  readonly firstUsedAt?: Date
  readonly lastUsedAt?: Date
  readonly revoked?: Revocation
  readonly createdAt: Date
}

/** How a credential ended. */
export type CredentialEnd = 'revoked' | 'expired' | 'exhausted'

/** How this credential ended by `now`, or undefined while it opens something. One that ended stays listed with it. */
export function endOf(credential: StoredCredential, now: Date): CredentialEnd | undefined {
  const { revoked, expiresAt, maxUses, uses } = credential
  if (revoked !== undefined) return 'revoked'
  if (expiresAt !== undefined && now >= expiresAt) return 'expired'
  if (maxUses !== undefined && uses >= maxUses) return 'exhausted'
  return undefined
}

/**
 * Tells whether a credential ends within so many seconds while it still opens something. One that was made for no longer
 * than that was meant to end, and one that was replaced has a successor: nobody needs a warning.
 */
export function isExpiring(credential: StoredCredential, within: Seconds, now: Date): boolean {
  const { expiresAt, createdAt } = credential
  if (expiresAt === undefined || endOf(credential, now) !== undefined) return false
  if ('replacedBy' in credential) return false
  return later(now, within) >= expiresAt && later(createdAt, within) < expiresAt
}

/** How long a credential that opens nothing any more stays listed with its reason. */
export const LISTED_AFTER_END: Seconds = days(30)

/** When a credential may be forgotten; undefined while it can still open something. */
export function forgettableAt(credential: StoredCredential): Date | undefined {
  const { revoked, expiresAt, maxUses, uses, lastUsedAt, createdAt } = credential
  const spentAt = maxUses !== undefined && uses >= maxUses ? (lastUsedAt ?? createdAt) : undefined
  const ended = earliest(revoked?.at, expiresAt, spentAt)
  return ended === undefined ? undefined : later(ended, LISTED_AFTER_END)
}
