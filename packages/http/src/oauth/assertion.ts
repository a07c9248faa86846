/** What a JWT says of itself, with nothing about it verified: enough to know whose it would be. */
export interface Peeked {
  readonly algorithm: string | undefined
  readonly subject: string | undefined
}

const NOTHING: Peeked = { algorithm: undefined, subject: undefined }
const LONGEST_SUBJECT = 256

/** Looks into a JWT whose claims somebody else will check. */
export function peekJwt(token: string): Peeked {
  const [header = '', payload = '', ...rest] = token.split('.')
  if (rest.length !== 1) return NOTHING
  const { alg } = readPart(header)
  const { sub } = readPart(payload)
  const isBearable = typeof sub === 'string' && sub !== '' && sub.length <= LONGEST_SUBJECT
  return {
    algorithm: typeof alg === 'string' ? alg : undefined,
    subject: isBearable ? sub : undefined,
  }
}

function readPart(part: string): { readonly alg?: unknown; readonly sub?: unknown } {
  try {
    const plain = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
