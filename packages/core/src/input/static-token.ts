import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import {
  anyId,
  description,
  displayName,
  instant,
  maxUses,
  networks,
  pageFields,
  seconds,
  TEN_YEARS,
} from './fields.ts'
import type { PageInput } from './page.ts'

/** What makes a static token. */
export interface NewStaticToken {
  readonly organization: string
  readonly identity: string
  readonly name: string
  /** How long it lives; give one of `ttl`, `expiresAt` and `expires`. Without any it lives 30 days. */
  readonly ttl?: number | undefined
  readonly expiresAt?: Date | undefined
  /** The only way to say that it has no end. */
  readonly expires?: 'never' | undefined
  /** How many requests and exchanges it opens; leave it out for no limit. */
  readonly maxUses?: number | undefined
  /** Where it may be presented from, within what its auth method admits. */
  readonly trustedSources?: readonly string[] | undefined
}

/** Whose static tokens to list. */
export interface StaticTokenList extends PageInput {
  readonly organization: string
  readonly identity: string
}

/** Names one static token by its id, never by itself. */
export interface StaticTokenKey {
  readonly organization: string
  readonly id: string
}

/** What changes about a static token: its name alone. */
export interface StaticTokenChange extends StaticTokenKey {
  readonly name: string
}

/** How a static token is taken back. */
export interface StaticTokenRevocation extends StaticTokenKey {
  /** Why, for the list and the audit trail. */
  readonly reason?: string | undefined
}

const key = { organization: anyId, id: anyId }

export const newStaticToken: SchemaOf<NewStaticToken> = z
  .strictObject({
    organization: anyId,
    identity: anyId,
    name: displayName,
    ttl: seconds(TEN_YEARS).optional(),
    expiresAt: instant.optional(),
    expires: z.literal('never', "must be 'never', or left out").optional(),
    maxUses: maxUses.optional(),
    trustedSources: networks.optional(),
  })
  .refine(({ ttl, expiresAt }) => ttl === undefined || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'must be left out where ttl is given',
  })
  .refine(
    ({ ttl, expiresAt, expires }) => expires === undefined || (ttl ?? expiresAt) === undefined,
    { path: ['expires'], message: 'must be left out where ttl or expiresAt is given' },
  )
export const staticTokenList: SchemaOf<StaticTokenList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  identity: anyId,
})
export const staticTokenKey: SchemaOf<StaticTokenKey> = z.strictObject(key)
export const staticTokenChange: SchemaOf<StaticTokenChange> = z.strictObject({
  ...key,
  name: displayName,
})
export const staticTokenRevocation: SchemaOf<StaticTokenRevocation> = z.strictObject({
  ...key,
  reason: description.min(1, 'must not be empty').optional(),
})
