import type { ClientRuntime } from './runtime.ts'

/** The clock, chance and network of the process. */
export const systemRuntime: ClientRuntime = {
  now: () => performance.now(),
  wallClock: () => new Date(performance.timeOrigin + performance.now()),
  random: () => Math.random(),
  fetch: (...request) => globalThis.fetch(...request),
  deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
  pause: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const finish = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, milliseconds)
      signal?.addEventListener('abort', finish)
    }),
}
