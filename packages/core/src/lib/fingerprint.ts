import { sha256 } from '#crypto'
import { toBase64Url } from './bytes.ts'
import { toCanonicalJson } from './canonical-json.ts'

/** A short name for a JSON value: equal values have equal names, others almost surely do not. No secret. */
export function fingerprint(value: unknown): string {
  return toBase64Url(sha256(toCanonicalJson(value))).slice(0, 16)
}
