import type { Seconds } from '@countersign/core/plugin'

/** One request, addressed: `addresses` are what its name resolved to, all of them admitted. */
export interface Dial {
  readonly url: URL
  readonly addresses: readonly string[]
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Certificates (PEM) that are trusted instead of the system's. */
  readonly ca?: string | undefined
  readonly mostBytes: number
  readonly signal: AbortSignal
}

/** What came back, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/**
 * How verifiers reach other hosts.
 *
 * `send` follows no redirect, reads no more than `mostBytes`, and dials nothing but `addresses`.
 */
export interface Network {
  /** Every address of a name; a network that resolves by itself answers nothing. */
  readonly resolve: (host: string) => Promise<readonly string[] | undefined>
  readonly send: (dial: Dial) => Promise<Answer>
  /** A signal that aborts after so many seconds and keeps no process alive. */
  readonly deadline: (seconds: Seconds) => AbortSignal
}

/** Why a request came to nothing: a word, and nothing of what was answered. */
export type OutboundReason =
  | 'egress_refused'
  | 'unreachable'
  | 'redirected'
  | 'too_large'
  | 'encoded'
  | 'too_late'
  | 'overloaded'
  | 'throttled'
  | 'unexpected_status'
  | 'unexpected_content'

/** A request that came to nothing. Its message repeats neither the URL nor the answer. */
export class OutboundError extends Error {
  readonly code: OutboundReason
  /** The status of an answer that was none of those expected. */
  declare readonly status?: number

  constructor(code: OutboundReason, options: { readonly status?: number } = {}) {
    super(`The request came to nothing: ${code.replaceAll('_', ' ')}`)
    this.name = 'OutboundError'
    this.code = code
    if (options.status !== undefined) this.status = options.status
  }
}
