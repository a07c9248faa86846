import { sha256 } from '#crypto'
import { toBase64Url } from './bytes.ts'
import { toCanonicalJson } from './canonical-json.ts'

/** What stands where a chain has no link yet: 32 zero bytes, in the form of a hash. */
export const NO_HASH: string = 'A'.repeat(43)

/**
 * The hash of the next link of a chain: SHA-256 over the hash before it, a line feed, and the value in the one form of
 * RFC 8785, as base64url.
 */
export function chainHash(previous: string, value: unknown): string {
  return toBase64Url(sha256(`${previous}\n${toCanonicalJson(value)}`))
}
