/** Takes a deadline from the process's timers. The one place in this package that does. */
export function systemDeadline(seconds: number): AbortSignal {
  return AbortSignal.timeout(seconds * 1000)
}

/** Draws the id of a request that brought none. */
export function randomRequestId(): string {
  return globalThis.crypto.randomUUID()
}
