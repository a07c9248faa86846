import type { CountersignError, ErrorCode } from '@countersign/core'
import { isCountersignError } from '@countersign/core'

/** A refusal as HTTP tells it. */
export interface Problem {
  readonly status: number
  /** A word for programs. */
  readonly error: string
  /** A fixed sentence for people. */
  readonly message: string
  readonly code?: ErrorCode
  readonly headers?: Readonly<Record<string, string>>
}

const statusOf = {
  invalid_request: 400,
  invalid_credential: 401,
  invalid_token: 401,
  // Existing SDKs answer a 429 with the same login at once, so a lock is a 401 that names its end.
  locked_out: 401,
  rate_limited: 429,
  permission_denied: 403,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>

const errorOf = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'PermissionDenied',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  425: 'TooEarly',
  429: 'RateLimitExceeded',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
} as const

/** A status that this package answers with. */
export type ProblemStatus = keyof typeof errorOf

const REALM = 'Bearer realm="countersign"'
const REFUSED_TOKEN = `${REALM}, error="invalid_token", error_description="The access token is not valid"`

/** Builds a refusal of HTTP itself. */
export function problem(
  status: ProblemStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return { status, error: errorOf[status], message, headers }
}

/** A protected route that nothing was shown to (RFC 6750 section 3.1: no error code). */
export const NOTHING_SHOWN: Problem = problem(401, 'An access token is needed', {
  'www-authenticate': REALM,
})

/** Translates what the engine threw. What it did not throw on purpose is a bug of ours, of which nothing is told. */
export function toProblem(error: unknown): Problem {
  if (!isCountersignError(error)) return problem(500, 'Something went wrong')
  const { code, message } = error
  return { ...problem(statusOf[code], message, headersOf(error)), code }
}

function headersOf({ code, retryAfter }: CountersignError): Readonly<Record<string, string>> {
  return {
    ...(statusOf[code] === 401 && {
      'www-authenticate': code === 'invalid_token' ? REFUSED_TOKEN : REALM,
    }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
}

/** The body of every refusal; existing clients read `message` and `reqId`. */
export function toProblemBody({ status, error, message }: Problem, requestId: string): string {
  return JSON.stringify({ reqId: requestId, statusCode: status, message, error })
}
