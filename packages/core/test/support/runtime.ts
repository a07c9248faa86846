import type { Runtime } from '../../src/runtime.ts'
import { systemRuntime } from '../../src/runtime.ts'

/** A deadline that somebody was given. */
export interface GivenDeadline {
  readonly seconds: number
  expire(): void
}

/** A pause that somebody waits in. */
export interface GivenPause {
  readonly seconds: number
  end(): void
}

/** A runtime whose time, deadlines and pauses a test moves by hand. */
export interface HandRuntime extends Runtime {
  readonly deadlines: readonly GivenDeadline[]
  readonly pauses: readonly GivenPause[]
  /** How often something asked for the network. */
  fetched(): number
}

/** Creates a runtime on a clock; it has no network. */
export function createHandRuntime(clock: () => Date): HandRuntime {
  const deadlines: GivenDeadline[] = []
  const pauses: GivenPause[] = []
  let fetched = 0
  return {
    clock,
    random: systemRuntime.random,
    deadlines,
    pauses,
    fetched: () => fetched,
    async fetch() {
      fetched += 1
      throw new Error('There is no network in this test')
    },
    deadline(seconds) {
      const controller = new AbortController()
      deadlines.push({ seconds, expire: () => controller.abort() })
      return controller.signal
    },
    pause: (seconds, signal) =>
      new Promise((resolve) => {
        pauses.push({ seconds, end: resolve })
        signal.addEventListener('abort', () => resolve())
        if (signal.aborted) resolve()
      }),
  }
}
