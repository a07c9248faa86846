import type { DirectoryEntry } from '@countersign/core'
import * as z from 'zod'
import type { SlugOf } from './identity.ts'
import { isShown, toMetadataAnswer } from './identity.ts'
import { roleAnswer, toRoleAnswer } from './roles.ts'
import { stamp } from './words.ts'

const entry = z.strictObject({ id: z.string(), key: z.string(), value: z.string() })

/** An identity in a list. One that holds more than the caller is named, and no more. */
const listedIdentity = z.strictObject({
  id: z.string(),
  name: z.string(),
  hasDeleteProtection: z.boolean().optional(),
  orgId: z.string(),
  projectId: z.string().nullable().optional(),
  authMethods: z.array(z.string()),
  activeLockoutAuthMethods: z.array(z.string()),
  metadata: z.array(entry).optional(),
  restricted: z.literal(true).optional(),
})

/** An identity of an organization, with the role that it holds there. */
export const memberAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    orgId: z.string(),
    identityId: z.string(),
    role: z.string(),
    roleId: z.string().optional(),
    customRole: z.strictObject({ id: z.string(), name: z.string(), slug: z.string() }).optional(),
    createdAt: stamp.optional(),
    updatedAt: stamp.optional(),
    lastLoginTime: stamp.optional(),
    metadata: z.array(entry).optional(),
    identity: listedIdentity,
  })
  .meta({ id: 'OrganizationMember' })

/** All that an identity holds in one project. */
export const membershipAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    identityId: z.string(),
    projectId: z.string(),
    createdAt: stamp.optional(),
    updatedAt: stamp.optional(),
    lastLoginTime: stamp.optional(),
    roles: z.array(roleAnswer),
    identity: listedIdentity,
    project: z.strictObject({ id: z.string(), name: z.string(), type: z.string() }).optional(),
  })
  .meta({ id: 'ProjectMembership' })

/** Whose list it is, and what methods are called in it. */
export interface MemberContext {
  readonly organization: string
  readonly slugOf: SlugOf
}

/** Writes an identity of an organization. A membership has no id of its own: it is everything that one identity holds. */
export function toMemberAnswer(entry: DirectoryEntry, context: MemberContext): object {
  const { identity, roles } = entry
  const [first] = roles
  const isStored = first !== undefined && first.binding.role !== first.slug
  return {
    id: identity.id,
    orgId: context.organization,
    identityId: identity.id,
    role: isStored ? 'custom' : (first?.slug ?? 'no-access'),
    ...(isStored && {
      roleId: first.binding.role,
      customRole: { id: first.binding.role, name: first.name ?? first.slug, slug: first.slug },
    }),
    ...timesOf(entry),
    ...(isShown(entry) && { metadata: toMetadataAnswer(entry.identity) }),
    identity: toListedAnswer(entry, context),
  }
}

/** Writes what an identity holds in a project. */
export function toMembershipAnswer(
  entry: DirectoryEntry,
  projectId: string,
  context: MemberContext,
): object {
  return {
    id: entry.identity.id,
    identityId: entry.identity.id,
    projectId,
    ...timesOf(entry),
    roles: entry.roles.map(toRoleAnswer),
    identity: toListedAnswer(entry, context),
  }
}

function timesOf(entry: DirectoryEntry): object {
  if (!isShown(entry)) return {}
  const { createdAt, updatedAt, lastLoginAt } = entry.identity
  const begun = entry.roles.map(({ binding }) => binding.createdAt.getTime())
  return {
    createdAt: (begun.length > 0 ? new Date(Math.min(...begun)) : createdAt).toISOString(),
    updatedAt: new Date(Math.max(...begun, updatedAt.getTime())).toISOString(),
    ...(lastLoginAt && { lastLoginTime: lastLoginAt.toISOString() }),
  }
}

function toListedAnswer(entry: DirectoryEntry, { organization, slugOf }: MemberContext): object {
  const { id, name } = entry.identity
  const plain = { id, name, orgId: organization }
  if (!isShown(entry))
    return { ...plain, authMethods: [], activeLockoutAuthMethods: [], restricted: true }
  return {
    ...plain,
    hasDeleteProtection: entry.identity.deleteProtection,
    projectId: entry.identity.project ?? null,
    authMethods: entry.authMethods.map(slugOf),
    activeLockoutAuthMethods: entry.lockedMethods.map(slugOf),
    metadata: toMetadataAnswer(entry.identity),
  }
}
