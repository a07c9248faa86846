import type { Seconds } from '../lib/time.ts'
import { days, earliest, later } from '../lib/time.ts'

/** Where a credential or a token may be presented: IPv4 and IPv6 addresses and CIDR blocks, never an empty list. */
export interface TrustedSources {
  readonly credential: readonly string[]
  readonly token: readonly string[]
}

/** How long the tokens of an auth method live, how often they may be used and from where. */
export interface TokenPolicy {
  /** Lifetime of one token. */
  readonly ttl: Seconds
  /** How long renewals may go on after the login; `'unbounded'` is the only way to say "no end". */
  readonly maxTtl: Seconds | 'unbounded'
  /** Makes a periodic token: each renewal lives this long, and renewals never end. Replaces `ttl` and `maxTtl`. */
  readonly period?: Seconds
  /** How many requests one login may authenticate, renewals included; absent means unlimited. */
  readonly maxUses?: number
  readonly trustedSources: TrustedSources
  /** What every token must be bound to: the key of a DPoP proof, or the client's certificate. */
  readonly boundTo?: Binding
  /**
   * Services, by their URIs, that a login may ask a token for (RFC 8707). They check it offline, where neither address
   * lists nor uses nor revocation are seen; absent means none.
   */
  readonly audiences?: readonly string[]
}

/** What a token can be bound to, so that it is of no use to whoever steals it. */
export type Binding = 'dpop' | 'certificate'

/** Every address of both families. */
export const ANY_SOURCE: readonly string[] = Object.freeze(['0.0.0.0/0', '::/0'])

/** Two hours, as short-lived as the word says; any source, any number of uses. */
export const DEFAULT_TOKEN_POLICY: TokenPolicy = Object.freeze({
  ttl: 7200,
  maxTtl: 7200,
  trustedSources: Object.freeze({ credential: ANY_SOURCE, token: ANY_SOURCE }),
})

/** The longest life of any one token, whatever its policy says. */
export const DEFAULT_MAX_TOKEN_AGE: Seconds = days(90)

/**
 * Tells whether a policy gives a token for another service. What is checked offline is not counted, and nobody sees where
 * it comes from.
 */
export function grantsAudience(
  { audiences = [], maxUses, trustedSources }: TokenPolicy,
  audience: string,
): boolean {
  const isAnywhere = ANY_SOURCE.every((network) => trustedSources.token.includes(network))
  return audiences.includes(audience) && maxUses === undefined && isAnywhere
}

/** The lifetime that a policy gives to one token, below the ceiling of the deployment. */
export function lifetimeOf(policy: TokenPolicy, ceiling: Seconds): Seconds {
  return Math.min(policy.period ?? policy.ttl, ceiling)
}

/** The instant after which no token of a login at `loggedInAt` may live; absent where a policy sets none. */
export function lastExpiryOf(policy: TokenPolicy, loggedInAt: Date): Date | undefined {
  if (policy.period !== undefined || policy.maxTtl === 'unbounded') return undefined
  return later(loggedInAt, policy.maxTtl)
}

/** The stricter of two last expiries: what a token froze at its login, and what today's policy allows. */
export function strictestExpiry(
  frozen: Date | undefined,
  present: Date | undefined,
): Date | undefined {
  return earliest(frozen, present)
}
