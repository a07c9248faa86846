import type { Seconds } from '../lib/time.ts'
import type { ClientSecretRefusal } from './client-secret.ts'
import type { ConfirmationRefusal } from './confirmation.ts'
import type { StaticTokenRefusal } from './static-token.ts'

/** Why a login came to nothing, for the audit trail alone. Verifiers add their own words. */
export type LoginReason =
  | 'unknown_client'
  | 'identity_disabled'
  | 'ip_not_allowed'
  | 'too_many_attempts'
  | 'wrong_secret'
  | 'wrong_subject'
  | 'evidence_replayed'
  | 'claims_too_large'
  | ClientSecretRefusal
  | StaticTokenRefusal
  | (string & {})

/** Why a token opened nothing, for the audit trail alone. */
export type TokenReason =
  | 'malformed'
  | 'unknown_key'
  | 'bad_signature'
  /** Its source showed too many wrong signatures to be checked now. */
  | 'too_many_forgeries'
  | 'unknown_token'
  | 'foreign_token'
  | 'token_expired'
  | 'token_revoked'
  | 'token_exhausted'
  | 'identity_gone'
  | 'identity_disabled'
  | 'method_gone'
  | 'ip_not_allowed'
  | 'not_renewable'
  /** It was to become one for a service that its auth method does not name. */
  | 'invalid_target'
  | ConfirmationRefusal

/** Marks rejections of every copy of this package. */
const brand = Symbol.for('countersign.rejection')

/** An internal "no" and why: a value, until the public edge turns it into an error. */
export class Rejection<Reason extends string = string> {
  readonly reason: Reason
  /** Whole seconds to wait, where waiting helps. */
  declare readonly retryAfter?: Seconds

  constructor(reason: Reason, retryAfter?: Seconds) {
    this.reason = reason
    if (retryAfter !== undefined) this.retryAfter = retryAfter
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Tells a "no" from a value, whichever copy of this package made it. */
export function isRejection(verdict: unknown): verdict is Rejection {
  return typeof verdict === 'object' && verdict !== null && brand in verdict
}
