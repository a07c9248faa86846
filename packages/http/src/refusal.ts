import type { ErrorCode } from '@countersign/core'
import type { Answer } from './answer.ts'
import { NO_STORE, toAnswer } from './answer.ts'
import type { OAuthError } from './oauth/errors.ts'

/** Refusals of HTTP itself, and a request without a token: the engine was never asked. */
export type HttpCode =
  | 'token_missing'
  | 'cross_site'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'too_early'
  | 'internal_error'

/** Why a request gets no other answer. Every `CountersignError` is one as it stands. */
export interface Refusal {
  readonly code: ErrorCode | HttpCode
  readonly message: string
  readonly retryAfter?: number
  readonly headers?: Readonly<Record<string, string>>
  /** What an authenticated caller may know about a refused permission, or about what it made before. */
  readonly details?: Readonly<Record<string, unknown>>
  /** What it is called at an OAuth endpoint, where its code does not say. */
  readonly oauth?: OAuthError
}

/** How a refusal is written: as existing clients of this wire read it, or as RFC 6749 section 5.2 has it. */
export type Dialect = 'wire' | 'oauth'

/** A value, or why there is none. */
export type Outcome<T> = { readonly value: T } | { readonly refusal: Refusal }

/** The answer to a request without a token, where one is needed. */
export const TOKEN_MISSING: Refusal = Object.freeze({
  code: 'token_missing',
  message: 'An access token is required',
})

/** Refuses what must be repaired; `message` names the field and holds no data. */
export function badRequest(message: string): { readonly refusal: Refusal } {
  return { refusal: { code: 'invalid_request', message } }
}

/**
 * Says no in the form that clients of a route read: `{ reqId, statusCode, message, error }`, and `details` where a
 * permission was refused; `{ error, error_description }` at the endpoints of OAuth.
 */
export function answerRefusal(
  refusal: Refusal,
  requestId: string,
  dialect: Dialect = 'wire',
): Answer {
  const { message, details } = refusal
  const { status, error, headers, retryAfter: usual, oauth } = rows[refusal.code]
  const retryAfter = refusal.retryAfter ?? usual
  const word = refusal.oauth ?? oauth ?? 'invalid_request'
  const body =
    dialect === 'oauth'
      ? { error: word, error_description: message }
      : { reqId: requestId, statusCode: status, message, error, ...(details && { details }) }
  return toAnswer(status, body, {
    ...NO_STORE,
    ...(dialect === 'oauth' && word === 'invalid_client' ? challengeClient(message) : headers),
    ...refusal.headers,
    ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter)) }),
    'x-request-id': requestId,
  })
}

/**
 * A client that failed is told how clients authenticate (RFC 6749 section 5.2), and why: some libraries show whoever wrote
 * them the challenge alone.
 */
function challengeClient(message: string): Readonly<Record<string, string>> {
  const why = `error="invalid_client", error_description="${message}"`
  return { 'www-authenticate': `Basic realm="countersign", ${why}` }
}

interface Row {
  readonly status: number
  readonly error: string
  readonly headers?: Readonly<Record<string, string>>
  /** Seconds to wait where the refusal names none. */
  readonly retryAfter?: number
  /** What it is called at an OAuth endpoint; `invalid_request` where absent. */
  readonly oauth?: OAuthError
}

/** Every 401 carries a challenge (RFC 9110 section 15.5.2); without a token it says nothing more (RFC 6750 section 3.1). */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="countersign"' }
const INVALID_TOKEN = {
  'www-authenticate':
    'Bearer realm="countersign", error="invalid_token", error_description="The access token is not valid"',
}
/** The token is good and not enough (RFC 6750 section 3.1). Which permission it takes stands in the body. */
const INSUFFICIENT_SCOPE = {
  'www-authenticate':
    'Bearer realm="countersign", error="insufficient_scope", error_description="The request needs more than the access token allows"',
}
/** The rest of the body would be read as the next request. */
const CLOSE = { connection: 'close' }

const engineRows = {
  invalid_request: { status: 400, error: 'BadRequest' },
  invalid_credential: {
    status: 401,
    error: 'Unauthorized',
    headers: CHALLENGE,
    oauth: 'invalid_client',
  },
  invalid_token: {
    status: 401,
    error: 'Unauthorized',
    headers: INVALID_TOKEN,
    oauth: 'invalid_token',
  },
  // Not 429: existing SDKs repeat a 429 at once, four times.
  locked_out: {
    status: 401,
    error: 'Unauthorized',
    headers: CHALLENGE,
    retryAfter: 1,
    oauth: 'invalid_client',
  },
  rate_limited: {
    status: 429,
    error: 'TooManyRequests',
    retryAfter: 1,
    oauth: 'temporarily_unavailable',
  },
  permission_denied: {
    status: 403,
    error: 'Forbidden',
    headers: INSUFFICIENT_SCOPE,
    oauth: 'insufficient_scope',
  },
  not_found: { status: 404, error: 'NotFound' },
  conflict: { status: 409, error: 'Conflict' },
  unavailable: {
    status: 503,
    error: 'ServiceUnavailable',
    retryAfter: 1,
    oauth: 'temporarily_unavailable',
  },
} satisfies Record<ErrorCode, Row>

const httpRows = {
  token_missing: { status: 401, error: 'Unauthorized', headers: CHALLENGE },
  cross_site: { status: 403, error: 'Forbidden', headers: CHALLENGE },
  method_not_allowed: { status: 405, error: 'MethodNotAllowed' },
  request_timeout: { status: 408, error: 'RequestTimeout', headers: CLOSE },
  payload_too_large: { status: 413, error: 'PayloadTooLarge', headers: CLOSE },
  unsupported_media_type: { status: 415, error: 'UnsupportedMediaType' },
  too_early: { status: 425, error: 'TooEarly' },
  internal_error: { status: 500, error: 'InternalServerError', oauth: 'server_error' },
} satisfies Record<HttpCode, Row>

const rows: Readonly<Record<ErrorCode | HttpCode, Row>> = { ...engineRows, ...httpRows }
