import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import type { NamedAuthMethod } from './auth-method.ts'
import { namedAuthMethod } from './auth-method.ts'
import {
  anyId,
  displayName,
  instant,
  metadata,
  optionalRevision,
  pageFields,
  slug,
} from './fields.ts'
import type { PageInput } from './page.ts'
import { roleName } from './role-binding.ts'

/** What a caller may say about an identity. */
export interface IdentitySettings {
  readonly slug?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly disabled?: boolean | undefined
  readonly deleteProtection?: boolean | undefined
  /** The id of the host's user who answers for this workload. */
  readonly owner?: string | undefined
}

/** What makes an identity, its role in the organization and an auth method, in one step. */
export interface NewIdentity extends IdentitySettings {
  readonly organization: string
  /** The one project that it shall belong to; without it, it belongs to the organization. */
  readonly project?: string | undefined
  readonly name: string
  /** The role it holds there, by its slug in code or the id of a stored one; `no-access` by default. */
  readonly role?: string | undefined
  readonly authMethod?: NamedAuthMethod | undefined
}

/** What must be there after `ensure`: the identity of this slug. */
export interface EnsuredIdentity extends NewIdentity {
  readonly slug: string
}

/** Names one identity. */
export interface IdentityKey {
  readonly organization: string
  readonly id: string
}

/** What changes about an identity; `metadata` replaces all of it. */
export interface IdentityChange extends IdentitySettings, IdentityKey {
  readonly revision?: number | undefined
  readonly name?: string | undefined
  /** Takes the place of every role that it holds where it is at home: in its organization, or in its one project. */
  readonly role?: string | undefined
}

/** Which identities to list; every given member must match. */
export interface IdentityList extends PageInput {
  readonly organization: string
  /** Identities that belong to this project alone. */
  readonly project?: string | undefined
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly method?: string | undefined
  readonly owner?: string | undefined
  readonly disabled?: boolean | undefined
  readonly unusedSince?: Date | undefined
}

const flag = z.boolean('must be true or false')
const settings = {
  slug: slug.optional(),
  metadata: metadata.optional(),
  disabled: flag.optional(),
  deleteProtection: flag.optional(),
  owner: anyId.optional(),
}
const creation = {
  ...settings,
  organization: anyId,
  project: anyId.optional(),
  name: displayName,
  role: roleName.optional(),
  authMethod: namedAuthMethod.optional(),
}

export const newIdentity: SchemaOf<NewIdentity> = z.strictObject(creation)
export const ensuredIdentity: SchemaOf<EnsuredIdentity> = z.strictObject({ ...creation, slug })
export const identityKey: SchemaOf<IdentityKey> = z.strictObject({ organization: anyId, id: anyId })
export const identityChange: SchemaOf<IdentityChange> = z.strictObject({
  ...settings,
  organization: anyId,
  id: anyId,
  revision: optionalRevision,
  name: displayName.optional(),
  role: roleName.optional(),
})
export const identityList: SchemaOf<IdentityList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  project: anyId.optional(),
  name: displayName.optional(),
  slug: slug.optional(),
  metadata: metadata.optional(),
  method: anyId.optional(),
  owner: anyId.optional(),
  disabled: flag.optional(),
  unusedSince: instant.optional(),
})
