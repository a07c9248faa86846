import { hmacSha256 } from '#crypto'

/** Answers the HMAC-SHA-256 (RFC 2104) of a text's UTF-8 form. */
export function macOf(key: Uint8Array, text: string): Uint8Array {
  return hmacSha256(key, text)
}
