import { hkdfSha256, hmacSha256, sha256 } from '#crypto'
import { fromBase64Url, toBase64Url } from './bytes.ts'
import { joinWithLengths } from './lengths.ts'
import { hideSecrets } from './secret.ts'

/** What one configured key is used as; only its id shows. */
export interface RootKey {
  readonly id: string
  readonly digestKey: Uint8Array
  readonly sealingKey: Uint8Array
}

/** Why a text is no root key. */
export type RootKeyFault = 'not_base64url' | 'wrong_length' | 'placeholder'

/** Reads a root key: 32 bytes in base64url that look drawn by chance rather than written by a person. */
export function parseRootKey(text: string): RootKey | RootKeyFault {
  const bytes = fromBase64Url(text)
  if (!bytes) return 'not_base64url'
  if (bytes.length !== KEY_LENGTH) return 'wrong_length'
  if (isPlaceholder(text, bytes)) return 'placeholder'
  const id = toBase64Url(sha256(hkdfSha256(bytes, 'root-key/id/v1', KEY_LENGTH))).slice(0, 12)
  return hideSecrets(
    { id },
    {
      digestKey: hkdfSha256(bytes, 'root-key/digest/v1', KEY_LENGTH),
      sealingKey: hkdfSha256(bytes, 'root-key/sealing/v1', KEY_LENGTH),
    },
  )
}

/**
 * Digests a secret for storage and look-up (HMAC-SHA-256 in base64url), apart for each purpose.
 *
 * It is fast: it protects what is out of reach of guessing, and nothing else.
 */
export function digestSecret(key: RootKey, purpose: string, secret: string): string {
  return toBase64Url(hmacSha256(key.digestKey, joinWithLengths([purpose, secret])))
}

const KEY_LENGTH = 32

/** 32 bytes drawn by chance hold about 30 different ones; 15 or fewer are a pattern. */
const MIN_DISTINCT_BYTES = 16

const PLACEHOLDER_WORDS =
  /change.?me|password|passphrase|secret|placeholder|example|insecure|replace|default|your.?key/i

/** Each test refuses less than one in a million keys that are drawn by chance. */
function isPlaceholder(text: string, bytes: Uint8Array): boolean {
  return (
    new Set(bytes).size < MIN_DISTINCT_BYTES ||
    repeatsItself(bytes) ||
    countsUpOrDown(bytes) ||
    countsUpOrDown(Uint8Array.from(text, (digit) => digit.charCodeAt(0))) ||
    bytes.every((byte) => byte >= 0x20 && byte <= 0x7e) ||
    PLACEHOLDER_WORDS.test(text)
  )
}

function repeatsItself(bytes: Uint8Array): boolean {
  const half = KEY_LENGTH / 2
  return bytes.subarray(half).every((byte, index) => byte === bytes[index])
}

/** Neighbours that mostly differ by the same small step: 0, 1, 2 … or abcdef … */
function countsUpOrDown(values: Uint8Array): boolean {
  const near = values.subarray(1).filter((value, index) => {
    return Math.abs(value - (values[index] ?? 0)) <= 1
  })
  return near.length * 2 >= values.length
}
