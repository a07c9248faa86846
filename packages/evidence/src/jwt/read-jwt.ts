import { fromBase64Url, fromUtf8 } from '@countersign/core/plugin'
import { parseStrictJson } from './strict-json.ts'

/** The members of a token's header or payload; none of them is inherited. */
export type Claims = Readonly<Record<string, unknown>>

/** A foreign token taken apart: its form is in order, and nothing about it is verified. */
export interface ReadJwt {
  readonly token: string
  readonly header: Claims
  readonly claims: Claims
}

/** Why a text is no token that is looked at any further. */
export type JwtFlaw = 'form' | 'header' | 'payload'

/** The longest foreign token that is looked at. */
export const LONGEST_JWT = 8192

/**
 * Takes a token in compact serialisation apart, or names the part that is no good.
 *
 * Strict where libraries are lenient (RFC 8725): one canonical spelling of every segment, no member twice, bounded
 * nesting, and no registered claim beside another spelling of its name.
 */
export function readJwt(token: string): ReadJwt | JwtFlaw {
  if (token.length > LONGEST_JWT || !COMPACT.test(token)) return 'form'
  const [first = '', second = '', signature = ''] = token.split('.')
  if (fromBase64Url(signature) === undefined) return 'form'
  const header = readRecord(first)
  if (header === undefined) return 'header'
  const claims = readRecord(second)
  if (claims === undefined || hasLookAlike(claims)) return 'payload'
  return { token, header, claims }
}

/** The whole text: `$` alone would let a line break pass. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$(?!\n)/

function readRecord(segment: string): Claims | undefined {
  const bytes = fromBase64Url(segment)
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  const value = text === undefined ? undefined : parseStrictJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.setPrototypeOf(value, null)
}

const REGISTERED: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])

/** `Sub` or `ſub` beside `sub`: some reader on the way may have folded them into one. */
function hasLookAlike(claims: Claims): boolean {
  return Object.keys(claims).some((name) => {
    const folded = name.normalize('NFKC').toLowerCase()
    return folded !== name && REGISTERED.has(folded)
  })
}
