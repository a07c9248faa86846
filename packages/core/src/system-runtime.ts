import { randomBytes } from '#crypto'
import { createRandomPool } from './lib/random-pool.ts'
import type { Runtime } from './ports/runtime.ts'

/** The process's own time: set once from the wall clock, steady from then on. */
export function systemClock(): Date {
  return new Date(performance.timeOrigin + performance.now())
}

/** The runtime that `createCountersign` uses: the process's clock, random source, network and timers. */
export const systemRuntime: Runtime = Object.freeze({
  clock: systemClock,
  random: createRandomPool(randomBytes),
  fetch: (...request: Parameters<typeof fetch>) => globalThis.fetch(...request),
  deadline: (seconds: number) => AbortSignal.timeout(Math.round(seconds * 1000)),
  pause,
})

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, seconds * 1000)
    signal.addEventListener('abort', finish)
  })
}
