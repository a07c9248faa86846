/** The bearer token of a request: absent, there, or something that cannot be one. */
export type Bearer =
  | { readonly kind: 'absent' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'malformed'; readonly words: readonly string[] }

/** Nothing was presented. An empty header counts as none: real clients send one with a login. */
const ABSENT: Bearer = Object.freeze({ kind: 'absent' })

/** One scheme in any case, one space, one token (RFC 9110 section 11.6.2): several values leave a comma, and fail. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i
const SCHEME = /^Bearer(?=[\s,]|$)/i

/** Reads an `Authorization` header; repeated ones arrive joined by commas. Another scheme is nobody's token. */
export function parseBearer(authorization: string | undefined): Bearer {
  if (authorization === undefined || !SCHEME.test(authorization)) return ABSENT
  const token = BEARER.exec(authorization)?.[1]
  if (token !== undefined) return { kind: 'token', token }
  return { kind: 'malformed', words: authorization.split(/[\s,]+/) }
}

/** The text to judge. What cannot be a token is judged as an empty one: refused and reported without a question asked. */
export function tokenOf(bearer: Exclude<Bearer, { kind: 'absent' }>): string {
  return bearer.kind === 'token' ? bearer.token : ''
}
