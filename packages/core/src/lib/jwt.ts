import { fromBase64Url, fromUtf8, toBase64Url, toUtf8 } from './bytes.ts'

/** A JWT taken apart, with nothing about it verified. */
export interface ParsedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** What the signature is over: the first two segments and the dot between them. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** The longest token that is looked at. */
export const MAX_JWT_LENGTH = 8192

/** Tells, without decoding, whether a text is three base64url segments of a bearable length. */
export function hasJwtForm(token: string): boolean {
  return token.length <= MAX_JWT_LENGTH && COMPACT.test(token)
}

/**
 * Takes a token in compact serialisation (RFC 7515, 7.1) apart; `undefined` unless every segment is well-formed.
 *
 * Neither record inherits anything, so no name that a sender chooses finds more than what they sent.
 */
export function parseJwt(token: string): ParsedJwt | undefined {
  if (token.length > MAX_JWT_LENGTH) return undefined
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second <= first + 1) return undefined
  const signature = fromBase64Url(token.slice(second + 1))
  if (!signature || signature.length === 0) return undefined
  const header = parseRecord(token.slice(0, first))
  const claims = header && parseRecord(token.slice(first + 1, second))
  if (!claims) return undefined
  return { header, claims, signed: toUtf8(token.slice(0, second)), signature }
}

/** Writes the first two segments of a token: what there is to sign. */
export function encodeJwtInput(header: object, claims: object): string {
  return `${encodeRecord(header)}.${encodeRecord(claims)}`
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

function parseRecord(segment: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = fromBase64Url(segment)
  const text = bytes && fromUtf8(bytes)
  if (!text) return undefined
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.setPrototypeOf(value, null)
}

/** JSON.parse throws on what is not JSON, and on what is nested deeper than its stack. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function encodeRecord(record: object): string {
  return toBase64Url(toUtf8(JSON.stringify(record)))
}
