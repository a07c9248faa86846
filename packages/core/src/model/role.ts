import type { Actor } from './actor.ts'
import type { Identity } from './identity.ts'
import type { RoleBinding, Subject } from './role-binding.ts'
import type { Rule } from './rule.ts'

/** The id of a stored role. */
export type RoleId = `rol_${string}`

/** A role that somebody wrote as data, for an organization or for one project of it. */
export interface Role {
  readonly id: RoleId
  readonly organization: string
  /** Absent where it is bound to the organization, and then reaches all of its projects. */
  readonly project?: string
  /** Unique among the roles of its scope. */
  readonly slug: string
  readonly name: string
  readonly description: string
  readonly rules: readonly Rule[]
  readonly createdBy: Actor
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A binding together with the stored role that it names, where it names one. */
export interface BoundRole {
  readonly binding: RoleBinding
  readonly role?: Role
}

/** What one subject holds in an organization and its projects. */
export interface Holding {
  readonly subject: Subject
  /** The identity itself, where the subject is one that is there. */
  readonly identity?: Identity
  /** Its bindings by id, past and future ones too. */
  readonly bound: readonly BoundRole[]
}

/** Tells the id of a stored role from the slug of a role in code; no slug has an underscore. */
export function isRoleId(role: string): role is RoleId {
  return role.startsWith('rol_')
}
