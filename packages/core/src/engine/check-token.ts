import type { ParsedJwt } from '../lib/jwt.ts'
import { parseJwt } from '../lib/jwt.ts'
import type { TokenClaims } from '../model/access-token.ts'
import { parseClaims, refuseExpired, TOKEN_TYPE } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Parts } from './parts.ts'

/** Believes a token's claims, or says why not: by its signature alone, without asking the authority. */
export interface CheckToken {
  /** Cheap refusals first; the signature is checked last. */
  (token: string, now: Date): Promise<TokenClaims | Rejection<TokenReason>>
  /** The same for revocation, which an expired token may still ask for. */
  whateverItsAge(token: string): Promise<TokenClaims | Rejection<TokenReason>>
  /** Tells whether a text is a token of ours by its form, good or bad: nothing in it is believed. */
  recognizes(token: string): boolean
}

/** Creates the check of our own tokens (RFC 9068 section 4, RFC 8725). */
export function createCheckToken({ issuer, keys }: Pick<Parts, 'issuer' | 'keys'>): CheckToken {
  async function checkSignature(token: OurToken): Promise<TokenClaims | Rejection<TokenReason>> {
    const key = await keys.find(token.header.kid)
    if (key === undefined || key.algorithm !== token.header.alg) return new Rejection('unknown_key')
    const genuine = await key.verify(token.signed, token.signature)
    return genuine ? token.claims : new Rejection('bad_signature')
  }

  async function check(token: string, now: Date): Promise<TokenClaims | Rejection<TokenReason>> {
    const read = readOurToken(token, issuer)
    if (isRejection(read)) return read
    const expired = refuseExpired(read.claims, now)
    return expired === undefined ? checkSignature(read) : new Rejection(expired)
  }

  return Object.assign(check, {
    async whateverItsAge(token: string) {
      const read = readOurToken(token, issuer)
      return isRejection(read) ? read : checkSignature(read)
    },
    recognizes(token: string) {
      const parsed = parseJwt(token)
      return parsed !== undefined && parsed.claims['iss'] === issuer && isAccessToken(parsed)
    },
  })
}

/** A text in the form of our tokens; nothing about it is proved. */
interface OurToken extends Pick<ParsedJwt, 'signed' | 'signature'> {
  readonly header: OurHeader
  readonly claims: TokenClaims
}

function readOurToken(token: string, issuer: string): OurToken | Rejection<TokenReason> {
  const parsed = parseJwt(token)
  if (parsed === undefined) return new Rejection('malformed')
  const { header, claims: written, signed, signature } = parsed
  if (!hasOurHeader(header) || written['iss'] !== issuer || written['aud'] !== issuer)
    return new Rejection('foreign_token')
  const claims = parseClaims(written)
  return claims === undefined ? new Rejection('malformed') : { header, claims, signed, signature }
}

interface OurHeader {
  readonly typ: typeof TOKEN_TYPE
  readonly alg: string
  readonly kid: string
}

/**
 * Our header has three members. Any other one (`crit`, `jwk`, `jku`, `x5c`, `zip`, …) is somebody else's idea of how a
 * token is to be checked.
 */
function hasOurHeader(header: ParsedJwt['header']): header is ParsedJwt['header'] & OurHeader {
  const { typ, alg, kid } = header
  return (
    typ === TOKEN_TYPE &&
    typeof alg === 'string' &&
    typeof kid === 'string' &&
    Object.keys(header).length === 3
  )
}

function isAccessToken({ header }: ParsedJwt): boolean {
  return typeof header['typ'] === 'string' && header['typ'].toLowerCase() === TOKEN_TYPE
}
