import type { Seconds } from '@countersign/core/plugin'
import type { JwtAlgorithm } from '../keys/algorithms.ts'

/** What a foreign token must be before anybody looks at what it says. */
export interface JwtProfile {
  /** Exactly who issued it; absent only where the keys themselves belong to one issuer and tokens name none. */
  readonly issuer?: string
  /** Whom it must be for: one of these. */
  readonly audiences: readonly string[]
  /** Whether it may be for others as well. */
  readonly otherAudiences: boolean
  readonly algorithms: readonly JwtAlgorithm[]
  /** What `typ` may be, in lower case; `''` stands for a token without it. */
  readonly types: readonly string[]
  readonly leeway: Seconds
  /** The most seconds since it was issued. */
  readonly maxAge: Seconds
  /** The most seconds between its beginning and its end. */
  readonly maxLifetime: Seconds
  /** Whether a token may keep to itself when it was issued. */
  readonly undated: boolean
}

/** How much clocks may differ, where nothing else is said. */
export const LEEWAY: Seconds = 30
/** The oldest token that is accepted, and the longest life of one. */
export const MOST_AGE: Seconds = 86_400
/** Plain tokens, and those of OpenID Connect: what other kinds are for is not for logging in (RFC 8725, 3.11). */
export const USUAL_TYPES: readonly string[] = ['', 'jwt', 'jose', 'id_token+jwt']
