import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import type { Rule } from '../model/rule.ts'
import { anyId, description, displayName, optionalRevision, pageFields, slug } from './fields.ts'
import type { PageInput } from './page.ts'
import { anyRules } from './role-binding.ts'

/** What makes a stored role, of an organization or of one project of it. */
export interface NewRole {
  readonly organization: string
  readonly project?: string | undefined
  readonly slug: string
  readonly name: string
  readonly description?: string | undefined
  readonly rules: readonly Rule[]
}

/** Names one stored role. */
export interface RoleKey {
  readonly organization: string
  readonly id: string
}

/** What changes about a role; `rules` replace all of them. */
export interface RoleChange extends RoleKey {
  readonly revision?: number | undefined
  readonly slug?: string | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly rules?: readonly Rule[] | undefined
}

/** Which role to delete; `unbind` takes it away from whoever holds it. */
export interface RoleDeletion extends RoleKey {
  readonly unbind?: boolean | undefined
}

/** Which stored roles to list: those of the organization itself, or of one project. */
export interface RoleList extends PageInput {
  readonly organization: string
  readonly project?: string | undefined
  readonly slug?: string | undefined
}

/** Where roles in code are looked for. */
export interface CodeRoleList {
  readonly organization: string
  readonly project?: string | undefined
}

/** Rules that a role might have: nothing is changed. */
export interface RolePreview extends RoleKey {
  readonly rules: readonly Rule[]
}

const key = { organization: anyId, id: anyId }

export const newRole: SchemaOf<NewRole> = z.strictObject({
  organization: anyId,
  project: anyId.optional(),
  slug,
  name: displayName,
  description: description.optional(),
  rules: anyRules,
})

export const roleKey: SchemaOf<RoleKey> = z.strictObject(key)

export const roleChange: SchemaOf<RoleChange> = z.strictObject({
  ...key,
  revision: optionalRevision,
  slug: slug.optional(),
  name: displayName.optional(),
  description: description.optional(),
  rules: anyRules.optional(),
})

export const roleDeletion: SchemaOf<RoleDeletion> = z.strictObject({
  ...key,
  unbind: z.boolean('must be true or false').optional(),
})

export const roleList: SchemaOf<RoleList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  project: anyId.optional(),
  slug: slug.optional(),
})

export const codeRoleList: SchemaOf<CodeRoleList> = z.strictObject({
  organization: anyId,
  project: anyId.optional(),
})

export const rolePreview: SchemaOf<RolePreview> = z.strictObject({ ...key, rules: anyRules })
