import type { ResourceScope } from '../model/resources.ts'
import type { Subject } from '../model/role-binding.ts'

/** Selects organizations. */
export interface OrganizationFilter {
  readonly name?: string
}

/** Selects projects of one organization. */
export interface ProjectFilter {
  readonly organization: string
  readonly name?: string
}

/** Selects identities of one organization; every given member must match. */
export interface IdentityFilter {
  readonly organization: string
  /** Identities that belong to this project alone. */
  readonly project?: string
  /** Identities that belong to this project alone, or hold something in it. */
  readonly foundIn?: string
  readonly name?: string
  readonly slug?: string
  /** Entries that must all be there, byte for byte. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Identities that may log in by this method. */
  readonly method?: string
  readonly owner?: string
  readonly disabled?: boolean
  /** Identities that have not logged in at or after this instant, and are older than it. */
  readonly unusedSince?: Date
}

/** Selects auth methods, of one identity or of a template; every given member must match. */
export interface AuthMethodFilter {
  readonly organization: string
  readonly identity?: string
  readonly template?: string
}

/** Selects auth templates of one organization; every given member must match. */
export interface AuthTemplateFilter {
  readonly organization: string
  readonly name?: string
  readonly method?: string
}

/** Selects stored roles; every given member must match. */
export interface RoleFilter {
  /** Absent only where the engine checks all that is stored against its vocabulary. */
  readonly organization?: string
  readonly project?: string
  /** Roles of the organization itself, or of any project. */
  readonly level?: ResourceScope
  readonly slug?: string
}

/** Selects role bindings; every given member must match. */
export interface RoleBindingFilter {
  /** Absent only where the engine checks all that is stored against its vocabulary. */
  readonly organization?: string
  readonly project?: string
  /** Bindings to the organization itself, or to any project. */
  readonly level?: ResourceScope
  readonly subject?: Subject
  /** The slug of a role in code, or the id of a stored one. */
  readonly role?: string
  /** Bindings of rules, without a role. */
  readonly direct?: true
  /** Bindings of roles in code of which none has one of these slugs. */
  readonly inCodeBeside?: readonly string[]
}
