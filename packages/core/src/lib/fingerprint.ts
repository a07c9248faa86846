import { sha256, sha256Text } from '#crypto'
import { toBase64Url } from './bytes.ts'
import { toCanonicalJson } from './canonical-json.ts'

/** A short name for a JSON value: equal values have equal names, others almost surely do not. No secret. */
export function fingerprint(value: unknown): string {
  return toBase64Url(sha256(toCanonicalJson(value))).slice(0, 16)
}

/** The whole SHA-256 of bytes, or of the UTF-8 form of a text, in base64url: as the RFCs name keys and tokens. */
export function thumbprint(data: Uint8Array | string): string {
  return toBase64Url(sha256(data))
}

/** Names a bearer token without keeping it: its SHA-256, one character a byte. */
export function tokenDigest(token: string): string {
  return sha256Text(token)
}
