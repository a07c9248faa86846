import type { Seconds } from '../lib/time.ts'
import { hasCome } from '../lib/time.ts'
import type { AuthMethod, AuthMethodId } from './auth-method.ts'
import type { Confirmation } from './confirmation.ts'
import { isConfirmation } from './confirmation.ts'
import type { Identity, IdentityId } from './identity.ts'
import type { TokenReason } from './rejection.ts'
import type { BoundRole } from './role.ts'

/** The media type of our access tokens (RFC 9068 section 2.1). */
export const TOKEN_TYPE = 'at+jwt'

/**
 * What a token is restricted to (`prm`): permissions, or wildcards over them. It grants nothing; what its identity holds
 * is cut to it.
 */
export type Restriction = readonly string[]

/** The claims of an access token: the RFC 9068 profile, and what the engine must know without a look-up. */
export interface TokenClaims {
  readonly iss: string
  readonly aud: string
  readonly sub: IdentityId
  readonly client_id: IdentityId
  readonly iat: number
  readonly exp: number
  /** New in every token. */
  readonly jti: string
  /** The login, however often it was renewed since. */
  readonly auth_time: number
  /** One login and all its renewals. */
  readonly sid: string
  readonly org: string
  /** The auth method's name (RFC 8176 shape: a list). */
  readonly amr: readonly [string]
  /** The auth method's id. */
  readonly amid: AuthMethodId
  /** The identity's generation at the login. */
  readonly gen: number
  /** The deployment epoch at the login. */
  readonly epo: number
  /** The last possible expiry of any renewal; absent where there is none. */
  readonly max?: number
  /** The client secret or static token that opened the login. */
  readonly csid?: string
  /** The values of its attestation that rules may refer to. */
  readonly att?: Readonly<Record<string, string>>
  /** How many requests the login may authenticate; absent means unlimited. */
  readonly lim?: number
  /** What the token is restricted to; absent means all that its identity holds. */
  readonly prm?: Restriction
  /** What whoever shows it must prove; absent means nothing. */
  readonly cnf?: Confirmation
}

/** What the authority knows about the login behind a token. */
export interface TokenStanding {
  readonly epoch: number
  /** The revision of the signing keys; a node whose ring is of another one reads them again. */
  readonly keyRevision: number
  readonly identity?: Identity
  readonly authMethod?: AuthMethod
  /** What the identity holds. */
  readonly bound: readonly BoundRole[]
  /** The login, or the credential that opened it, was revoked. */
  readonly revoked: boolean
  /** Requests authenticated so far; absent where nothing counts them. */
  readonly uses?: number
}

/** What is left of a token whose standing was accepted. */
export interface Standing {
  readonly identity: Identity
  readonly authMethod: AuthMethod
  readonly bound: readonly BoundRole[]
}

/** Refuses a token at and after its expiry. */
export function refuseExpired(claims: TokenClaims, now: Date): TokenReason | undefined {
  return hasCome(claims.exp, now) ? 'token_expired' : undefined
}

/** Refuses a token that is older than any may be now: its own expiry was set under a ceiling that has come down. */
export function refuseAge(
  { iat }: TokenClaims,
  maxTokenAge: Seconds,
  now: Date,
): TokenReason | undefined {
  return hasCome(iat + maxTokenAge, now) ? 'token_expired' : undefined
}

/** Decision 6: why the login behind a token no longer stands. No rule compares `iat` with an instant of revocation. */
export function refuseStanding(
  claims: Pick<TokenClaims, 'epo' | 'gen'>,
  standing: TokenStanding,
): TokenReason | undefined {
  if (claims.epo < standing.epoch) return 'token_revoked'
  if (standing.identity === undefined) return 'identity_gone'
  if (standing.identity.disabled) return 'identity_disabled'
  if (standing.identity.generation > claims.gen) return 'token_revoked'
  if (standing.authMethod === undefined) return 'method_gone'
  if (standing.revoked) return 'token_revoked'
  return undefined
}

/** The uses that a token may still hope for: what it froze at login, or less where today's policy is stricter. */
export function useLimitOf(claims: TokenClaims, method: AuthMethod): number | undefined {
  if (claims.lim === undefined) return undefined
  return Math.min(claims.lim, method.tokenPolicy.maxUses ?? claims.lim)
}

/** Reads claims whose every member has the type that we write; anything else was not written by us. */
export function parseClaims(claims: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const shaped =
    TEXTS.every((name) => typeof claims[name] === 'string') &&
    COUNTS.every((name) => isCount(claims[name])) &&
    OPTIONAL_COUNTS.every((name) => claims[name] === undefined || isCount(claims[name])) &&
    (claims['csid'] === undefined || typeof claims['csid'] === 'string') &&
    claims['client_id'] === claims['sub'] &&
    isOneText(claims['amr']) &&
    (claims['prm'] === undefined || isTextList(claims['prm'])) &&
    (claims['cnf'] === undefined || isConfirmation(claims['cnf'])) &&
    (claims['att'] === undefined || isTextRecord(claims['att']))
  return shaped ? (claims as unknown as TokenClaims) : undefined
}

const TEXTS = ['iss', 'aud', 'sub', 'client_id', 'jti', 'sid', 'org', 'amid'] as const
const COUNTS = ['iat', 'exp', 'auth_time', 'gen', 'epo'] as const
const OPTIONAL_COUNTS = ['max', 'lim'] as const

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isOneText(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'string'
}

/** An empty list restricts to nothing, which is never meant: such a token was not written by us. */
function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string')
}

function isTextRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((text) => typeof text === 'string')
}
