import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId, pageFields } from './fields.ts'

/** Which identities to find, by what people see of them; every given member must match, of a list one. */
export interface DirectorySearch {
  readonly names?: readonly string[] | undefined
  /** A part of the name, in any case. */
  readonly nameContains?: string | undefined
  /** Slugs of roles that are held in this very scope. */
  readonly roles?: readonly string[] | undefined
}

/** Which identities to describe: those of an organization, or those in one project of it. */
export interface DirectoryList {
  readonly organization: string
  readonly project?: string | undefined
  /** Several searches: a row matches where one does. */
  readonly search?: readonly DirectorySearch[] | undefined
  readonly order?: 'name' | 'role' | undefined
  readonly descending?: boolean | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Names one identity in an organization, or in one project of it. */
export interface DirectoryKey {
  readonly organization: string
  readonly project?: string | undefined
  readonly id: string
}

const texts = z
  .array(z.string('must be a string').max(256, 'is too long'), 'must be a list')
  .max(100, 'must have at most 100 entries')

const search = z.strictObject({
  names: texts.optional(),
  nameContains: z.string('must be a string').max(256, 'is too long').optional(),
  roles: texts.optional(),
})

export const directoryList: SchemaOf<DirectoryList> = z.strictObject({
  organization: anyId,
  project: anyId.optional(),
  search: z.array(search, 'must be a list').max(20, 'must have at most 20 entries').optional(),
  order: z.enum(['name', 'role'], 'must be name or role').optional(),
  descending: z.boolean('must be true or false').optional(),
  limit: pageFields.limit,
  offset: pageFields.offset,
})

export const directoryKey: SchemaOf<DirectoryKey> = z.strictObject({
  organization: anyId,
  project: anyId.optional(),
  id: anyId,
})
