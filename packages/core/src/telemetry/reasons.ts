/** The reasons that are labels; a verifier's own words are told together, so that nobody can write new ones. */
export const REASON_LABELS: ReadonlySet<string> = new Set([
  'unknown_client',
  'identity_disabled',
  'ip_not_allowed',
  'too_many_attempts',
  'wrong_secret',
  'wrong_subject',
  'evidence_replayed',
  'claims_too_large',
  'secret_expired',
  'secret_exhausted',
  'secret_revoked',
  'rate_limited',
  'invalid_request',
  'unavailable',
])

/** A reason as a label: one of few. */
export function reasonLabel(reason: string | undefined): string {
  if (reason === undefined) return 'none'
  return REASON_LABELS.has(reason) ? reason : 'other'
}
