import type { Actor } from './actor.ts'

/** An identity's id, which is its client id as well. */
export type IdentityId = `idn_${string}`

/** A registered workload. */
export interface Identity {
  readonly id: IdentityId
  readonly organization: string
  /** The one project that it belongs to; absent where it belongs to the organization. */
  readonly project?: string
  readonly name: string
  /** Unique within the organization, for configuration as code. */
  readonly slug?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly disabled: boolean
  /** While true, deleting answers `conflict`. */
  readonly deleteProtection: boolean
  /** The id of the host's user who answers for this workload. */
  readonly owner?: string
  readonly createdBy: Actor
  /** Raised to revoke every token at once: a token states the generation it was issued in. */
  readonly generation: number
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** The last login, or request by static token, to the minute. */
  readonly lastLoginAt?: Date
}

/** When an identity was last of use: its last login, or else its birth. */
export function lastOfUse({ lastLoginAt, createdAt }: Identity): Date {
  return lastLoginAt ?? createdAt
}
