import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId, displayName, optionalRevision, pageFields } from './fields.ts'
import type { PageInput } from './page.ts'

/** What makes an auth template: the part of the policies of one method that many auth methods share. */
export interface NewAuthTemplate {
  readonly organization: string
  readonly name: string
  readonly method: string
  readonly policy: unknown
}

/** Names one auth template. */
export interface AuthTemplateKey {
  readonly organization: string
  readonly id: string
}

/** What changes about a template; with `revision` only if nothing else changed it meanwhile. */
export interface AuthTemplateChange extends AuthTemplateKey {
  readonly revision?: number | undefined
  readonly name?: string | undefined
  /** The whole part anew; `[sealed]` in it leaves a secret as it stands. */
  readonly policy?: unknown
}

/** Which templates to list. */
export interface AuthTemplateList extends PageInput {
  readonly organization: string
  readonly name?: string | undefined
  readonly method?: string | undefined
}

/** Whose users to list: auth methods that name the template. */
export interface AuthTemplateUsage extends PageInput, AuthTemplateKey {}

const key = { organization: anyId, id: anyId }

export const newAuthTemplate: SchemaOf<NewAuthTemplate> = z.strictObject({
  organization: anyId,
  name: displayName,
  method: anyId,
  policy: z.unknown(),
})

export const authTemplateKey: SchemaOf<AuthTemplateKey> = z.strictObject(key)

export const authTemplateChange: SchemaOf<AuthTemplateChange> = z.strictObject({
  ...key,
  revision: optionalRevision,
  name: displayName.optional(),
  policy: z.unknown().optional(),
})

export const authTemplateList: SchemaOf<AuthTemplateList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  name: displayName.optional(),
  method: anyId.optional(),
})

export const authTemplateUsage: SchemaOf<AuthTemplateUsage> = z.strictObject({
  ...pageFields,
  ...key,
})
