import type { CountersignError } from '@countersign/core'
import type { Outcome, Refusal } from '../refusal.ts'

/** What is wrong, in the words of RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 8693 and RFC 8707. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_dpop_proof'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error'

/** Refuses a client that did not show who it is; the sentence holds no data. */
export function wrongClient(message = 'The client must authenticate'): {
  readonly refusal: Refusal
} {
  return { refusal: { code: 'invalid_credential', message, oauth: 'invalid_client' } }
}

/** Refuses what must be repaired, by the word that a client of OAuth knows for it. */
export function wrong(oauth: OAuthError, message: string): { readonly refusal: Refusal } {
  return { refusal: { code: 'invalid_request', message, oauth } }
}

/** What a refused credential is called: who asks is unknown, or what it shows for somebody is no good. */
export type Blamed = 'invalid_client' | 'invalid_grant' | 'invalid_request'

/** Writes what the engine refused a login or an exchange with, in the words of the endpoint. */
export function blame(error: CountersignError, blamed: Blamed): Outcome<never> {
  const { code, message, reason, retryAfter } = error
  const wait = retryAfter !== undefined && { retryAfter }
  if (reason === 'invalid_scope') return wrong('invalid_scope', SCOPE)
  if (reason === 'invalid_target') return wrong('invalid_target', TARGET)
  if (reason === 'invalid_dpop_proof') return wrong('invalid_dpop_proof', message)
  if (code !== 'invalid_credential' && code !== 'invalid_token' && code !== 'locked_out')
    return code === 'invalid_request' ? blameForm(blamed) : { refusal: error }
  if (blamed === 'invalid_client') return { refusal: { code, message, oauth: blamed, ...wait } }
  return { refusal: { code: 'invalid_request', message, oauth: blamed, ...wait } }
}

const SCOPE = 'scope must be permissions that this service knows, and no more than the token has'
const TARGET = 'resource must be a service that the auth method of the client names'

/** A credential that has not even the form of one. */
function blameForm(blamed: Blamed): Outcome<never> {
  const message = 'The credential has not the form that its method takes'
  return blamed === 'invalid_client' ? wrongClient(message) : wrong(blamed, message)
}
