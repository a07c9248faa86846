import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import type { ParsedJwt } from '../lib/jwt.ts'
import { parseJwt } from '../lib/jwt.ts'
import type { TokenClaims } from '../model/access-token.ts'
import { parseClaims, refuseExpired, TOKEN_TYPE } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { TokenCheck } from '../ports/token-check.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import type { Keys } from './keys.ts'
import type { Parts } from './parts.ts'

/** Who must have written a token, and for whom. */
interface Expected {
  readonly issuer: string
  /** Absent where tokens for every service are looked at: to be told of, or ended, and never to open anything. */
  readonly audience?: string
}

/** What a check of tokens stands on. */
export interface TokenCheckParts extends Expected {
  readonly keys: Pick<Keys, 'find'>
}

/** Creates the check of our own tokens (RFC 9068 section 4, RFC 8725): cheap refusals first, the signature last. */
export function createTokenCheck({ keys, ...expected }: TokenCheckParts): TokenCheck {
  function checkSignature({
    header,
    claims,
    signed,
    signature,
  }: OurToken): MaybePromise<TokenClaims | Rejection<TokenReason>> {
    return after(keys.find(header.kid), (key) => {
      if (key === undefined || key.algorithm !== header.alg) return new Rejection('unknown_key')
      return after(key.verify(signed, signature), (genuine) =>
        genuine ? claims : new Rejection('bad_signature'),
      )
    })
  }

  return {
    check(token, now) {
      const read = readOurToken(token, expected)
      if (isRejection(read)) return read
      const expired = refuseExpired(read.claims, now)
      return expired === undefined ? checkSignature(read) : new Rejection(expired)
    },
    whateverItsAge(token) {
      const read = readOurToken(token, expected)
      return isRejection(read) ? read : checkSignature(read)
    },
    remembers: () => false,
    forget: () => undefined,
  }
}

/** Tells whether a text has the form of a token of this deployment, good or bad: nothing in it is believed. */
export function createRecognizes(
  { issuer }: Pick<Parts, 'issuer'>,
  staticTokens: Pick<StaticTokenJudge, 'recognizes'>,
): (token: string) => boolean {
  return (token) => {
    if (staticTokens.recognizes(token)) return true
    const parsed = parseJwt(token)
    return parsed !== undefined && parsed.claims['iss'] === issuer && isAccessToken(parsed)
  }
}

/** A text in the form of our tokens; nothing about it is proved. */
interface OurToken extends Pick<ParsedJwt, 'signed' | 'signature'> {
  readonly header: OurHeader
  readonly claims: TokenClaims
}

function readOurToken(
  token: string,
  { issuer, audience }: Expected,
): OurToken | Rejection<TokenReason> {
  const parsed = parseJwt(token)
  if (parsed === undefined) return new Rejection('malformed')
  const { header, claims: written, signed, signature } = parsed
  const isFor = audience === undefined || written['aud'] === audience
  if (!hasOurHeader(header) || written['iss'] !== issuer || !isFor)
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
