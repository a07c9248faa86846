import { sha256, sha256Text } from '#crypto'
import { toBase64Url } from './bytes.ts'
import { toCanonicalJson } from './canonical-json.ts'

/** A short name for a JSON value: equal values have equal names, others almost surely do not. No secret. */
export function fingerprint(value: unknown): string {
  return toBase64Url(sha256(toCanonicalJson(value))).slice(0, 16)
}

/** Names a bearer token without keeping it: its SHA-256, one character a byte. */
export function tokenDigest(token: string): string {
  return sha256Text(token)
}
