/** What an `Authorization` header shows: a bearer token, nothing, or something that is no bearer token. */
export type Shown =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'other' }
  /** The Bearer scheme with something behind it that cannot be a token. */
  | { readonly kind: 'malformed' }

const NOTHING: Shown = { kind: 'nothing' }
const OTHER: Shown = { kind: 'other' }
const MALFORMED: Shown = { kind: 'malformed' }

/** `b64token` of RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1), one blank follows it. */
const BEARER = /^bearer (?<token>[A-Za-z0-9\-._~+/]+=*)$/i

/** Reads an `Authorization` header. An empty one counts as none: real clients send it. */
export function readBearer(authorization: string | null | undefined): Shown {
  if (authorization === undefined || authorization === null || authorization === '') return NOTHING
  const token = BEARER.exec(authorization)?.groups?.['token']
  if (token !== undefined) return { kind: 'bearer', token }
  return /^bearer(?:\s|$)/i.test(authorization) ? MALFORMED : OTHER
}
