/** An id and a secret as a client shows them. */
export interface Shown {
  readonly id: string
  readonly secret: string
}

const BASIC = /^Basic +([A-Za-z0-9+/_-]+=*)$/i
const SCHEME = /^Basic(?=[\s,]|$)/i

/**
 * Reads client credentials out of an `Authorization` header: absent, there, or something that cannot be one. Clients write
 * them as they are, or each half percent-encoded as RFC 6749 section 2.3.1 has it.
 */
export function parseBasic(authorization: string | undefined): Shown | 'absent' | 'malformed' {
  if (authorization === undefined || !SCHEME.test(authorization)) return 'absent'
  const encoded = BASIC.exec(authorization)?.[1]
  const text = encoded === undefined ? undefined : fromBase64(encoded)
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 1) return 'malformed'
  return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) }
}

function fromBase64(encoded: string): string | undefined {
  try {
    const plain = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What cannot be percent-encoded text is taken as it is. No id and no secret of ours holds a character that differs. */
function decode(half: string): string {
  try {
    return decodeURIComponent(half.replaceAll('+', ' '))
  } catch {
    return half
  }
}
