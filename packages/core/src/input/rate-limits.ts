import * as z from 'zod'
import { days } from '../lib/time.ts'
import type { RateLimit } from '../model/rate-limit.ts'
import { between } from './fields.ts'

/** How often something may happen, each in a window that slides; what is left out keeps its default. */
export interface RateLimitSettings {
  /** Logins from one IPv4 address, or one IPv6 /64; 6,000 a minute by default. */
  readonly loginsPerAddress?: RateLimit | undefined
  /** Logins as one identity; 3,000 a minute by default. */
  readonly loginsPerIdentity?: RateLimit | undefined
  /** Logins with one client secret or static token; 3,000 a minute by default. */
  readonly loginsPerCredential?: RateLimit | undefined
  /** Calls of the management surface by one principal; 1,200 a minute by default. */
  readonly managementPerPrincipal?: RateLimit | undefined
}

const limit = z
  .strictObject({ most: between(1, 1_000_000_000), window: between(1, days(1)) })
  .optional()

export const rateLimits: z.ZodType<RateLimitSettings | 'off'> = z.union(
  [
    z.literal('off'),
    z.strictObject({
      loginsPerAddress: limit,
      loginsPerIdentity: limit,
      loginsPerCredential: limit,
      managementPerPrincipal: limit,
    }),
  ],
  "must be limits { most, window }, or 'off'",
) as unknown as z.ZodType<RateLimitSettings | 'off'>
