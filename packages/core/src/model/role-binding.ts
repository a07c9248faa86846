import type { Actor } from './actor.ts'
import type { Rule } from './rule.ts'

/** The id of a role binding. */
export type RoleBindingId = `bnd_${string}`

/** Who holds a role: a workload, or a person whom the host knows. */
export type Subject =
  | { readonly kind: 'identity'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }

/** A role × a subject × a scope (an organization, or one project of it) × a window. */
export interface RoleBinding {
  readonly id: RoleBindingId
  readonly organization: string
  readonly project?: string
  readonly subject: Subject
  /** The slug of a role in code, or the id of a stored one; absent where rules are bound directly. */
  readonly role?: string
  /** Rules of this subject's own, in the place of a role. */
  readonly rules?: readonly Rule[]
  /** The first instant at which it applies; absent means at once. */
  readonly from?: Date
  /** The first instant at which it no longer applies; absent means never. */
  readonly until?: Date
  readonly createdBy: Actor
  readonly createdAt: Date
}

/** The roles that are there in every scope, by code. */
export const BUILT_IN_ROLES = ['admin', 'member', 'viewer', 'no-access'] as const

/** The slug of a built-in role. */
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number]

/** Tells whether a slug names a role that needs no record. */
export function isBuiltInRole(slug: string): slug is BuiltInRole {
  return (BUILT_IN_ROLES as readonly string[]).includes(slug)
}
