import { invalidRequest } from '../errors.ts'
import { toBase64Url, toUtf8 } from '../lib/bytes.ts'
import { mintNonce } from '../lib/ids.ts'
import { encodeJwtInput, MAX_JWT_LENGTH } from '../lib/jwt.ts'
import { hideSecrets } from '../lib/secret.ts'
import type { Seconds } from '../lib/time.ts'
import { fromEpochSeconds, later, toEpochSeconds } from '../lib/time.ts'
import type { Restriction, TokenClaims } from '../model/access-token.ts'
import { TOKEN_TYPE } from '../model/access-token.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { Confirmation } from '../model/confirmation.ts'
import type { Grant, GrantOptions } from '../model/grant.ts'
import type { Identity } from '../model/identity.ts'
import type { Parts } from './parts.ts'

/** The login that a token speaks for. */
export interface Session {
  readonly id: string
  readonly epoch: number
  readonly identity: Identity
  readonly authMethod: AuthMethod
  readonly loggedInAt: Date
  /** When no renewal may live any more; absent where there is no end. */
  readonly lastExpiry?: Date
  /** The client secret or static token that opened it. */
  readonly credential?: string
  /** How many requests it may authenticate; absent means unlimited. */
  readonly maxUses?: number
  /** The values of its attestation that rules may refer to. */
  readonly claims?: Readonly<Record<string, string>>
  /** What its token is restricted to; absent means all that the identity holds. */
  readonly restriction?: Restriction
  /** The one service that this token is for; the issuer where absent. */
  readonly audience?: string
  /** What whoever shows its token must prove. */
  readonly confirmation?: Confirmation
}

/** A token that was signed and not yet handed out. */
export interface IssuedToken {
  readonly jti: string
  readonly grant: Grant
}

/** Signs one token of a session, `ttl` seconds long from `now`. */
export type IssueToken = (
  session: Session,
  ttl: Seconds,
  now: Date,
  options: GrantOptions,
) => Promise<IssuedToken>

/** Creates what signs tokens (RFC 9068): the only place that writes our claims. */
export function createIssueToken({
  issuer,
  keys,
  runtime,
}: Pick<Parts, 'issuer' | 'keys' | 'runtime'>): IssueToken {
  return async (session, ttl, now, options) => {
    const jti = mintNonce(runtime.random)
    const claims = claimsOf(session, { issuer, jti, iat: toEpochSeconds(now), ttl })
    const signer = await keys.signer()
    const input = encodeJwtInput(
      { alg: signer.algorithm, kid: signer.kid, typ: TOKEN_TYPE },
      { ...withoutOurs(options.claims?.(subjectOf(session)) ?? {}), ...claims },
    )
    const signature = await signer.sign(toUtf8(input))
    const token = `${input}.${toBase64Url(signature)}`
    // Nobody would read it: what asked for it asked for too much.
    if (token.length > MAX_JWT_LENGTH) throw invalidRequest('The access token would be too long')
    return { jti, grant: grantOf(session, token, claims) }
  }
}

interface Issuance {
  readonly issuer: string
  readonly jti: string
  readonly iat: number
  readonly ttl: Seconds
}

function claimsOf(session: Session, { issuer, jti, iat, ttl }: Issuance): TokenClaims {
  const { identity, authMethod, lastExpiry, credential, maxUses, claims } = session
  const { restriction, confirmation } = session
  return {
    iss: issuer,
    aud: session.audience ?? issuer,
    sub: identity.id,
    client_id: identity.id,
    iat,
    exp: iat + ttl,
    jti,
    auth_time: toEpochSeconds(session.loggedInAt),
    sid: session.id,
    org: identity.organization,
    amr: [authMethod.method],
    amid: authMethod.id,
    gen: identity.generation,
    epo: session.epoch,
    ...(lastExpiry !== undefined && { max: toEpochSeconds(lastExpiry) }),
    ...(credential !== undefined && { csid: credential }),
    ...(maxUses !== undefined && { lim: maxUses }),
    ...(claims !== undefined && { att: claims }),
    ...(restriction !== undefined && { prm: restriction }),
    ...(confirmation !== undefined && { cnf: confirmation }),
  }
}

function grantOf(session: Session, accessToken: string, claims: TokenClaims): Grant {
  return hideSecrets(
    {
      tokenType: tokenTypeOf(claims),
      expiresIn: claims.exp - claims.iat,
      expiresAt: fromEpochSeconds(claims.exp),
      maxTtl: claims.max === undefined ? ('unbounded' as const) : claims.max - claims.auth_time,
      organization: session.identity.organization,
      identity: session.identity.id,
      session: session.id,
      ...(claims.prm !== undefined && { permissions: claims.prm }),
    },
    { accessToken },
  )
}

/** The scheme by which a token is shown. */
export function tokenTypeOf({ cnf }: Pick<TokenClaims, 'cnf'>): Grant['tokenType'] {
  return cnf?.jkt === undefined ? 'Bearer' : 'DPoP'
}

/** Claims with a meaning of ours, also where this token has none of them. */
const RESERVED: ReadonlySet<string> = new Set(['max', 'csid', 'lim', 'att', 'cnf', 'prm', 'nbf'])

function withoutOurs(claims: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const added = Object.entries(claims).filter(([name]) => !RESERVED.has(name))
  if (added.some(([name, value]) => typeof value !== 'string' || name === '__proto__'))
    throw new TypeError('claims() must answer an object of texts')
  return Object.fromEntries(added)
}

function subjectOf({ identity, authMethod }: Session) {
  const { id, name, organization } = identity
  return { identity: id, name, organization, method: authMethod.method }
}

/** When a session's revocation, or its count of uses, means nothing any more: no token of it can live longer. */
export function endOfSession(lastExpiry: Date | undefined, now: Date, maxTokenAge: Seconds): Date {
  const ceiling = later(now, maxTokenAge)
  return lastExpiry !== undefined && lastExpiry < ceiling ? lastExpiry : ceiling
}
