/** What a caller should do next, in nine words; see the table in the documentation of {@link CountersignError}. */
export type ErrorCode =
  | 'invalid_request'
  | 'invalid_credential'
  | 'invalid_token'
  | 'locked_out'
  | 'rate_limited'
  | 'permission_denied'
  | 'not_found'
  | 'conflict'
  | 'unavailable'

/** What a {@link CountersignError} may carry beside its code and its message. */
export interface CountersignErrorOptions {
  /** Why, exactly: for events only. It is not enumerable, so no logger or serialiser prints it by accident. */
  readonly reason?: string
  /** Whole seconds after which another attempt makes sense. */
  readonly retryAfter?: number
  /** What an authenticated caller may know about a refused permission. */
  readonly details?: Readonly<Record<string, unknown>>
  /** The error of the dependency that failed (`unavailable`), or the issues of a schema (`invalid_request`). */
  readonly cause?: unknown
}

const brand = Symbol.for('countersign.error')

/** Answers that any stranger can cause, as often as they like: a stack would cost more than the check, and tell nothing. */
const WITHOUT_STACK: ReadonlySet<ErrorCode> = new Set([
  'invalid_credential',
  'invalid_token',
  'locked_out',
  'rate_limited',
])

/**
 * The one error this engine throws on purpose.
 *
 * | `code` | the caller should |
 * |---|---|
 * | `invalid_request` | fix the call: the message names the field |
 * | `invalid_credential` | get another credential |
 * | `invalid_token` | log in again |
 * | `locked_out`, `rate_limited` | wait `retryAfter` seconds |
 * | `permission_denied` | stop |
 * | `not_found`, `conflict` | stop, or read again and repeat |
 * | `unavailable` | try again later: the engine could not tell |
 *
 * Recognise it with {@link isCountersignError}, not with `instanceof`: an app may hold two copies of this package.
 */
export class CountersignError extends Error {
  override readonly name = 'CountersignError'
  readonly code: ErrorCode
  declare readonly retryAfter?: number
  declare readonly details?: Readonly<Record<string, unknown>>
  readonly #reason: string | undefined

  constructor(code: ErrorCode, message: string, options: CountersignErrorOptions = {}) {
    const depth = Error.stackTraceLimit
    if (WITHOUT_STACK.has(code)) limitStack(0)
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    limitStack(depth)
    this.code = code
    this.#reason = options.reason
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
    if (options.details !== undefined) this.details = options.details
    Object.defineProperty(this, brand, { value: true })
  }

  /** Why, exactly; for the audit trail, never for the caller of a login. */
  get reason(): string | undefined {
    return this.#reason
  }
}

/** V8's own knob. Where a host has frozen it, an assignment would throw; then stacks just stay. */
function limitStack(frames: number): void {
  Reflect.set(Error, 'stackTraceLimit', frames)
}

/** Tells a {@link CountersignError} of any copy of this package from every other value. */
export function isCountersignError(value: unknown): value is CountersignError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand)
}

/** Builds the error of a call that must be repaired; `message` names the field and holds no data. */
export function invalidRequest(message: string, cause?: unknown): CountersignError {
  return new CountersignError('invalid_request', message, cause === undefined ? {} : { cause })
}

/** Builds the answer to a token that opens nothing; `reason` is for the audit trail alone. */
export function invalidToken(reason: string): CountersignError {
  return new CountersignError('invalid_token', 'The access token is not valid', { reason })
}

/** Builds the answer to an id that this caller cannot see, whether it exists or not. */
export function notFound(what: string): CountersignError {
  return new CountersignError('not_found', `There is no such ${what}`)
}

/** Builds the answer to a write that something else forestalled. */
export function conflict(message: string): CountersignError {
  return new CountersignError('conflict', message)
}

/** Builds the answer to a dependency that could not be asked: the caller keeps what it has and tries again. */
export function unavailable(cause: unknown): CountersignError {
  const options = { retryAfter: 1, cause: toPlainCause(cause) }
  return new CountersignError('unavailable', 'The service cannot answer now', options)
}

/**
 * What is told of a dependency's error: its kind, its words and where it came from. What libraries hang on their errors
 * stays out: statements with their parameters, requests with their headers, connections with their passwords.
 */
function toPlainCause(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error
  const { name, message, stack } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const plain = new Error(message)
  return Object.assign(plain, {
    name,
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
  })
}
