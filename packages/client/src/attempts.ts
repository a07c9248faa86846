import { ClientError, isClientError } from './client-error.ts'
import type { ClientRuntime } from './runtime.ts'

/** How often, and how far apart, something is tried that failed for want of an answer. */
export interface Patience {
  /** How many attempts in all; 5 where left out. */
  readonly attempts?: number
  /** Milliseconds for one attempt; 10,000 where left out. */
  readonly timeout?: number
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 8000

/** Somebody who tries again, and tells of it. */
export interface Attempts {
  readonly runtime: ClientRuntime
  readonly patience: Patience
  readonly retrying: (error: ClientError, pause: number) => void
}

/**
 * Tries again while nobody answers: pauses double from 250 ms to 8 s, each shortened by chance to no less than half, and a
 * longer `Retry-After` is kept. What a server refused is not tried again.
 */
export async function withAttempts<T>(
  { runtime, patience, retrying }: Attempts,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { attempts = 5, timeout = 10_000 } = patience
  for (let count = 1; ; count += 1) {
    try {
      return await run(AbortSignal.any([signal, runtime.deadline(timeout)]))
    } catch (error) {
      const failure = toFailure(error, signal)
      if (failure.code !== 'unreachable' || count >= attempts) throw failure
      const pause = pauseAfter(count, failure, runtime.random())
      if (pause > LONGEST_WAIT) throw failure
      retrying(failure, pause)
      await runtime.pause(pause, signal)
    }
  }
}

/** Whoever asks to be left alone for longer is left alone: the failure tells how long. */
const LONGEST_WAIT = 60_000

function pauseAfter(count: number, { retryAfter = 0 }: ClientError, chance: number): number {
  const most = Math.min(FIRST_PAUSE * 2 ** (count - 1), LONGEST_PAUSE)
  return Math.max(most * (0.5 + chance / 2), retryAfter * 1000)
}

/** Makes one failure out of whatever was thrown. */
export function toFailure(error: unknown, signal: AbortSignal): ClientError {
  if (signal.aborted) return new ClientError('aborted', 'The caller gave up', { cause: error })
  if (isClientError(error)) return error
  return new ClientError('unreachable', 'The server could not be reached', { cause: error })
}
