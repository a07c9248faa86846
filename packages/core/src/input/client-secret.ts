import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { days } from '../lib/time.ts'
import {
  anyId,
  between,
  description,
  instant,
  maxUses,
  pageFields,
  seconds,
  TEN_YEARS,
} from './fields.ts'
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

/** What replaces a client secret; what is left out is as it was. */
export interface ClientSecretRotation extends ClientSecretKey {
  /** Seconds that the old secret goes on working, 24 hours by default; 0 ends it now. */
  readonly overlap?: number | undefined
  readonly description?: string | undefined
  readonly ttl?: number | undefined
  readonly expiresAt?: Date | undefined
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

const settings = {
  description: description.optional(),
  ttl: seconds(TEN_YEARS).optional(),
  expiresAt: instant.optional(),
  maxUses: maxUses.optional(),
}
const ONE_END = { path: ['expiresAt'], message: 'must be left out where ttl is given' }

function hasOneEnd({ ttl, expiresAt }: Pick<NewClientSecret, 'ttl' | 'expiresAt'>): boolean {
  return ttl === undefined || expiresAt === undefined
}

export const newClientSecret: SchemaOf<NewClientSecret> = z
  .strictObject({ organization: anyId, identity: anyId, ...settings })
  .refine(hasOneEnd, ONE_END)
export const clientSecretList: SchemaOf<ClientSecretList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  identity: anyId,
})
const key = { organization: anyId, id: anyId }
const deletion = { ...key, keepTokens: z.boolean('must be true or false').optional() }

export const clientSecretKey: SchemaOf<ClientSecretKey> = z.strictObject(key)
export const clientSecretRotation: SchemaOf<ClientSecretRotation> = z
  .strictObject({ ...key, ...settings, overlap: between(0, days(365)).optional() })
  .refine(hasOneEnd, ONE_END)
export const clientSecretDeletion: SchemaOf<ClientSecretDeletion> = z.strictObject(deletion)
export const clientSecretRevocation: SchemaOf<ClientSecretRevocation> = z.strictObject({
  ...deletion,
  reason: description.min(1, 'must not be empty').optional(),
})
