import type { ListedCodeRole, RestrictedRole, Role } from '@countersign/core'
import * as z from 'zod'
import { toPermissions } from './permissions.ts'
import { stamp } from './words.ts'

const permission = z.strictObject({
  subject: z.string(),
  action: z.array(z.string()),
  inverted: z.literal(true).optional(),
  conditions: z.record(z.string(), z.unknown()).optional(),
})

/** A role as this wire shows it; one in code has its slug for an id. */
export const customRoleAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    description: z.string().optional(),
    orgId: z.string(),
    projectId: z.string().nullable(),
    permissions: z.array(permission).optional(),
    isBuiltIn: z.boolean(),
    restricted: z.literal(true).optional(),
    createdAt: stamp.optional(),
    updatedAt: stamp.optional(),
  })
  .meta({ id: 'Role' })

/** A role as it is answered. */
export interface RoleAnswer {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly description?: string
  readonly orgId: string
  readonly projectId: string | null
  readonly permissions?: readonly object[]
  readonly isBuiltIn: boolean
  readonly restricted?: true
  readonly createdAt?: string
  readonly updatedAt?: string
}

/** Where roles are listed. */
export interface RoleScope {
  readonly organization: string
  readonly project?: string
}

/** Writes a role as data. */
export function toRoleAnswer(role: Role): RoleAnswer {
  return {
    id: role.id,
    slug: role.slug,
    name: role.name,
    description: role.description,
    orgId: role.organization,
    projectId: role.project ?? null,
    permissions: toPermissions(role.rules),
    isBuiltIn: false,
    createdAt: role.createdAt.toISOString(),
    updatedAt: role.updatedAt.toISOString(),
  }
}

/** Writes a role in code. */
export function toCodeRoleAnswer(role: ListedCodeRole, scope: RoleScope): RoleAnswer {
  const { slug: key, name: title, description: about, rules } = role
  return {
    id: key,
    slug: key,
    name: title,
    description: about,
    orgId: scope.organization,
    projectId: scope.project ?? null,
    permissions: toPermissions(rules),
    isBuiltIn: true,
  }
}

/** Writes a role that holds more than the caller: its names, and no more. */
export function toRestrictedRoleAnswer(
  { id, slug: key, name: title }: RestrictedRole,
  { organization, project }: RoleScope,
): RoleAnswer {
  const place = { orgId: organization, projectId: project ?? null }
  return { id, slug: key, name: title, ...place, isBuiltIn: false, restricted: true }
}
