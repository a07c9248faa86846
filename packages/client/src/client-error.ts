/**
 * What a caller can do about a failure.
 *
 * `invalid_credential` get another credential, or be enabled again; `locked_out` wait `retryAfter`; `permission_denied` ask for
 * a permission; `invalid_request` mend the configuration (a wrong address is one: whoever answers is no Countersign);
 * `evidence_missing` the platform gave no evidence; `unreachable` try again later; `aborted` the caller gave up.
 */
export type ClientErrorCode =
  | 'aborted'
  | 'evidence_missing'
  | 'invalid_credential'
  | 'invalid_request'
  | 'locked_out'
  | 'permission_denied'
  | 'unreachable'

/** More of a failure than its sentence. */
export interface ClientErrorOptions {
  readonly cause?: unknown
  /** Seconds to wait. */
  readonly retryAfter?: number | undefined
  /** The status of the answer. */
  readonly status?: number | undefined
}

/** A failure of a client, in a sentence that names no secret. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  /** Seconds to wait, where the server said so. */
  readonly retryAfter: number | undefined
  /** The status of the answer, where there was one. */
  readonly status: number | undefined

  constructor(
    code: ClientErrorCode,
    message: string,
    { cause, retryAfter, status }: ClientErrorOptions = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.retryAfter = retryAfter
    this.status = status
  }
}

/** Tells a failure of a client from any other, also across copies of this package. */
export function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && error.name === 'ClientError' && 'code' in error
}
