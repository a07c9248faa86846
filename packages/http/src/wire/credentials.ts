import type { AuthMethod, ListedClientSecret, ListedStaticToken } from '@countersign/core'
import * as z from 'zod'
import { UNBOUNDED } from './grant.ts'
import { stamp } from './words.ts'

const count = z.int().min(0)

/** A client secret as this wire shows it. */
export const clientSecretAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    description: z.string(),
    clientSecretPrefix: z.string(),
    clientSecretNumUses: count,
    clientSecretNumUsesLimit: count,
    clientSecretTTL: count,
    clientSecretLastUsedAt: stamp.nullable(),
    identityUAId: z.string(),
    isClientSecretRevoked: z.boolean(),
    createdAt: stamp,
    updatedAt: stamp,
  })
  .meta({ id: 'ClientSecret' })

/** Writes a client secret. Of the secret itself nothing is kept to be shown, its beginning neither. */
export function toClientSecretAnswer(secret: ListedClientSecret): object {
  return {
    id: secret.id,
    description: secret.description,
    clientSecretPrefix: '',
    clientSecretNumUses: secret.uses,
    clientSecretNumUsesLimit: secret.maxUses ?? 0,
    clientSecretTTL: lifetimeOf(secret) ?? 0,
    clientSecretLastUsedAt: secret.lastUsedAt?.toISOString() ?? null,
    identityUAId: secret.authMethod,
    isClientSecretRevoked: secret.revoked !== undefined,
    createdAt: secret.createdAt.toISOString(),
    updatedAt: lastChangeOf(secret).toISOString(),
  }
}

/** A static token as this wire shows it. */
export const staticTokenAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    identityId: z.string(),
    identityUAClientSecretId: z.null(),
    authMethod: z.string(),
    subOrganizationId: z.null(),
    accessTokenTTL: count,
    accessTokenMaxTTL: count,
    accessTokenNumUses: count,
    accessTokenNumUsesLimit: count,
    accessTokenPeriod: count,
    accessTokenLastUsedAt: stamp.nullable(),
    accessTokenLastRenewedAt: z.null(),
    isAccessTokenRevoked: z.boolean(),
    createdAt: stamp,
    updatedAt: stamp,
  })
  .meta({ id: 'StaticToken' })

/** Writes a static token: it is never renewed, and lives as long as it was made to. */
export function toStaticTokenAnswer(token: ListedStaticToken, authMethod: string): object {
  const lifetime = lifetimeOf(token)
  return {
    id: token.id,
    name: token.name,
    identityId: token.identity,
    identityUAClientSecretId: null,
    authMethod,
    subOrganizationId: null,
    accessTokenTTL: lifetime ?? 0,
    accessTokenMaxTTL: lifetime ?? UNBOUNDED,
    accessTokenNumUses: token.uses,
    accessTokenNumUsesLimit: token.maxUses ?? 0,
    accessTokenPeriod: 0,
    accessTokenLastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    accessTokenLastRenewedAt: null,
    isAccessTokenRevoked: token.revoked !== undefined,
    createdAt: token.createdAt.toISOString(),
    updatedAt: lastChangeOf(token).toISOString(),
  }
}

type Stored = Pick<ListedClientSecret, 'createdAt' | 'expiresAt' | 'revoked'>

/** How many seconds a credential was made to live; undefined where it has no end. */
export function lifetimeOf({ createdAt, expiresAt }: Stored): number | undefined {
  if (expiresAt === undefined) return undefined
  return Math.round((expiresAt.getTime() - createdAt.getTime()) / 1000)
}

function lastChangeOf({ createdAt, revoked }: Stored): Date {
  return revoked?.at ?? createdAt
}

/** Reads a limit, where 0 says that there is none. */
export function limited<Name extends string>(
  name: Name,
  limit: number,
): { readonly [N in Name]?: number } {
  return (limit === 0 ? {} : { [name]: limit }) as { readonly [N in Name]?: number }
}

/** What the tokens of a method live and count, where nothing is said for one of them. */
export function usualsOf({ tokenPolicy }: AuthMethod): {
  readonly ttl: number
  readonly maxUses?: number
} {
  const { ttl, maxUses } = tokenPolicy
  return { ttl, ...(maxUses !== undefined && { maxUses }) }
}
