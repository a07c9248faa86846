/** A signal that aborts with the first of two, until it is let go. */
export interface FirstOf {
  readonly signal: AbortSignal
  readonly release: () => void
}

/**
 * Aborts with the first of two signals. `AbortSignal.any` does not keep the deadlines that it waits for: one that nobody else
 * holds may be collected in Node 20, and never come.
 */
export function firstOf(one: AbortSignal, other: AbortSignal): FirstOf {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  if (one.aborted || other.aborted) abort()
  one.addEventListener('abort', abort, { once: true })
  other.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    release() {
      one.removeEventListener('abort', abort)
      other.removeEventListener('abort', abort)
    },
  }
}
