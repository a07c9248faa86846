import type { Grant, GrantOptions, WiredMethod } from '@countersign/core'
import * as z from 'zod'

/** What a login or a renewal answers. Existing clients refuse an answer without all four, and read whole numbers only. */
export const grantAnswer: z.ZodType = z
  .strictObject({
    accessToken: z.string(),
    expiresIn: z.int().min(1),
    accessTokenMaxTTL: z.int().min(1),
    tokenType: z.enum(['Bearer', 'DPoP']),
  })
  .meta({ id: 'Grant' })

/** An unbounded lifetime on this wire. Never 0: existing agents would log in again in a hot loop. */
export const UNBOUNDED = 1_000_000_000

/** Writes a grant as this wire does. */
export function toGrantAnswer({ accessToken, expiresIn, maxTtl, tokenType }: Grant): object {
  return { accessToken, expiresIn, accessTokenMaxTTL: toMaxTtl(maxTtl), tokenType }
}

/** Writes how long renewals may go on. */
export function toMaxTtl(maxTtl: Grant['maxTtl']): number {
  return maxTtl === 'unbounded' ? UNBOUNDED : maxTtl
}

/** Claims that existing clients read without checking the token; the engine never does. */
export function wireClaimsOf(methods: readonly WiredMethod[]): GrantOptions {
  const slugs = new Map(methods.map(({ method, wire }) => [method, wire?.slug]))
  return {
    claims: ({ identity, name, organization, method }) => ({
      identityId: identity,
      identityName: name,
      authMethod: slugs.get(method) ?? method,
      orgId: organization,
      authTokenType: 'identityAccessToken',
    }),
  }
}
