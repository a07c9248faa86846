import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId, description, instant, maxUses, pageFields, seconds, TEN_YEARS } from './fields.ts'
import type { PageInput } from './page.ts'

/** What makes a client secret. */
export interface NewClientSecret {
  readonly organization: string
  readonly identity: string
  readonly description?: string | undefined
  /** How long it opens logins; give this or `expiresAt`, or neither for no end. */
  readonly ttl?: number | undefined
  readonly expiresAt?: Date | undefined
  /** How many logins it opens; leave it out for no limit. */
  readonly maxUses?: number | undefined
}

/** Whose client secrets to list. */
export interface ClientSecretList extends PageInput {
  readonly organization: string
  readonly identity: string
}

/** Names one client secret by its id, never by itself. */
export interface ClientSecretKey {
  readonly organization: string
  readonly id: string
}

/** How a client secret is deleted. */
export interface ClientSecretDeletion extends ClientSecretKey {
  /** Lets the tokens that it opened live on to their own expiry. */
  readonly keepTokens?: boolean | undefined
}

/** How a client secret is taken back. */
export interface ClientSecretRevocation extends ClientSecretDeletion {
  /** Why, for the list and the audit trail. */
  readonly reason?: string | undefined
}

export const newClientSecret: SchemaOf<NewClientSecret> = z
  .strictObject({
    organization: anyId,
    identity: anyId,
    description: description.optional(),
    ttl: seconds(TEN_YEARS).optional(),
    expiresAt: instant.optional(),
    maxUses: maxUses.optional(),
  })
  .refine(({ ttl, expiresAt }) => ttl === undefined || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'must be left out where ttl is given',
  })
export const clientSecretList: SchemaOf<ClientSecretList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  identity: anyId,
})
const key = { organization: anyId, id: anyId }
const deletion = { ...key, keepTokens: z.boolean('must be true or false').optional() }

export const clientSecretKey: SchemaOf<ClientSecretKey> = z.strictObject(key)
export const clientSecretDeletion: SchemaOf<ClientSecretDeletion> = z.strictObject(deletion)
export const clientSecretRevocation: SchemaOf<ClientSecretRevocation> = z.strictObject({
  ...deletion,
  reason: description.min(1, 'must not be empty').optional(),
})
