import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { isAudience } from '../lib/text.ts'
import type { LockoutPolicy } from '../model/lockout.ts'
import {
  anyId,
  between,
  maxUses,
  networks,
  optionalRevision,
  pageFields,
  seconds,
  TEN_YEARS,
} from './fields.ts'
import type { PageInput } from './page.ts'

/** The parts of a token policy that a caller states; the rest keeps its default, or what stands. */
export interface TokenPolicyInput {
  readonly ttl?: number | undefined
  readonly maxTtl?: number | 'unbounded' | undefined
  readonly period?: number | 'none' | undefined
  readonly maxUses?: number | 'unlimited' | undefined
  readonly trustedSources?:
    | {
        readonly credential?: readonly string[] | undefined
        readonly token?: readonly string[] | undefined
      }
    | undefined
  readonly boundTo?: 'dpop' | 'certificate' | 'nothing' | undefined
  /** Services that a login may ask a token for; an empty list takes all of them away. */
  readonly audiences?: readonly string[] | undefined
}

/** The parts of a lockout policy that a caller states; `'off'` stops counting failures and frees whoever is locked. */
export type LockoutInput =
  | Partial<{ [K in keyof LockoutPolicy]: LockoutPolicy[K] | undefined }>
  | 'off'

/** How an identity shall be able to log in. */
export interface AuthMethodSettings {
  readonly policy?: unknown
  /** The auth template that holds the rest of the policy; `'none'` takes one away. */
  readonly template?: string | undefined
  readonly tokenPolicy?: TokenPolicyInput | undefined
  readonly lockout?: LockoutInput | undefined
}

/** The settings of an auth method together with its name. */
export interface NamedAuthMethod extends AuthMethodSettings {
  readonly method: string
}

/** Names one auth method: an identity has each method once. */
export interface AuthMethodKey<Method extends string = string> {
  readonly organization: string
  readonly identity: string
  readonly method: Method
}

/** What attaches an auth method to an identity. */
export interface NewAuthMethod extends AuthMethodKey, AuthMethodSettings {}

/** What changes about an auth method; with `revision` only if nothing else changed it meanwhile. */
export interface AuthMethodChange extends AuthMethodKey, AuthMethodSettings {
  readonly revision?: number | undefined
}

/** Whose auth methods to list. */
export interface AuthMethodList extends PageInput {
  readonly organization: string
  readonly identity: string
}

const audience = z
  .string('must hold URIs')
  .max(512, 'must hold URIs of at most 512 characters')
  .refine(isAudience, 'must hold absolute URIs without a fragment')

const tokenPolicy = z.strictObject({
  ttl: seconds(TEN_YEARS).optional(),
  maxTtl: z
    .union(
      [z.literal('unbounded'), seconds(TEN_YEARS)],
      "must be a whole number of seconds, at least 1, or 'unbounded'",
    )
    .optional(),
  period: z
    .union(
      [z.literal('none'), seconds(TEN_YEARS)],
      "must be a whole number of seconds, at least 1, or 'none'",
    )
    .optional(),
  maxUses: z
    .union([z.literal('unlimited'), maxUses], "must be a whole number, at least 1, or 'unlimited'")
    .optional(),
  trustedSources: z
    .strictObject({ credential: networks.optional(), token: networks.optional() })
    .optional(),
  boundTo: z
    .enum(['dpop', 'certificate', 'nothing'], 'must be dpop, certificate or nothing')
    .optional(),
  audiences: z.array(audience, 'must be a list').max(20, 'must have at most 20 entries').optional(),
})

const lockout = z.union(
  [
    z.literal('off'),
    z.strictObject({
      threshold: between(1, 30).optional(),
      window: between(5, 3600).optional(),
      duration: between(30, 86_400).optional(),
      scope: z.enum(['source', 'identity'], 'must be source or identity').optional(),
    }),
  ],
  "must be 'off' or an object of threshold (1 to 30), window (5 to 3600), duration (30 to 86400) and scope",
)

const settingsFields = {
  policy: z.unknown().optional(),
  template: anyId.optional(),
  tokenPolicy: tokenPolicy.optional(),
  lockout: lockout.optional(),
}

export const namedAuthMethod: z.ZodType<NamedAuthMethod> = z.strictObject({
  ...settingsFields,
  method: anyId,
})
const key = { organization: anyId, identity: anyId, method: anyId }

export const authMethodKey: SchemaOf<AuthMethodKey> = z.strictObject(key)
export const newAuthMethod: SchemaOf<NewAuthMethod> = z.strictObject({ ...key, ...settingsFields })
export const authMethodChange: SchemaOf<AuthMethodChange> = z.strictObject({
  ...key,
  ...settingsFields,
  revision: optionalRevision,
})
export const authMethodList: SchemaOf<AuthMethodList> = z.strictObject({
  ...pageFields,
  organization: anyId,
  identity: anyId,
})
