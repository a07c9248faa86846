import type { Proof, Source } from '@countersign/core'

/** How a token is shown: as a bearer's (RFC 6750), or with a proof beside it (RFC 9449 section 7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** The token of a request: absent, there, or something that cannot be one. */
export type Bearer =
  | { readonly kind: 'absent' }
  | { readonly kind: 'token'; readonly scheme: Scheme; readonly token: string }
  | { readonly kind: 'malformed'; readonly scheme: Scheme; readonly words: readonly string[] }

/** Nothing was presented. An empty header counts as none: real clients send one with a login. */
const ABSENT: Bearer = Object.freeze({ kind: 'absent' })

const SCHEME = /^(?:Bearer|DPoP)(?=[\s,]|$)/i

/**
 * Reads an `Authorization` header: one scheme in any case, one space, one token (RFC 9110 section 11.6.2). Repeated ones
 * arrive joined by commas, and fail. Another scheme is nobody's token.
 */
export function parseBearer(authorization: string | undefined): Bearer {
  if (authorization === undefined || !SCHEME.test(authorization)) return ABSENT
  const scheme = /^D/i.test(authorization) ? 'DPoP' : 'Bearer'
  const token = authorization.slice(scheme.length + 1)
  if (authorization[scheme.length] === ' ' && isOne(token)) return { kind: 'token', scheme, token }
  return { kind: 'malformed', scheme, words: authorization.split(/[\s,]+/) }
}

/** Whether the engine reads it as a token is the engine's to say. */
function isOne(token: string): boolean {
  return token !== '' && !token.includes(' ') && !token.includes(',')
}

/** A token to judge. */
export type Shown = Exclude<Bearer, { kind: 'absent' }>

/** The text to judge. What cannot be a token is judged as an empty one: refused and reported without a question asked. */
export function tokenOf(bearer: Shown): string {
  return bearer.kind === 'token' ? bearer.token : ''
}

/** What is known of who shows a token: a proof as `proofBeside` has it, and all else. */
export function sourceBeside(scheme: Scheme, source: Source): Source {
  return { ...source, proof: proofBeside(scheme, source) }
}

/**
 * The proof that counts. It counts beside the scheme `DPoP` alone, and there something must count: a bound token is never a
 * bearer's, and a bearer's never a bound one (RFC 9449 sections 7.1 and 7.2). Beside another scheme nobody looks for one.
 */
export function proofBeside(scheme: Scheme, source: Pick<Source, 'proof'>): Proof | undefined {
  return scheme === 'DPoP' ? (source.proof ?? NO_PROOF) : undefined
}

const NO_PROOF: Proof = Object.freeze({ dpop: '', method: '', url: '' })
