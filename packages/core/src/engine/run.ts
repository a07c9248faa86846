import { isCountersignError } from '../errors.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Maintain } from './maintain.ts'

/** Repeats maintenance until the signal aborts. */
export type Run = (options: { readonly signal: AbortSignal }) => Promise<void>

/** Seconds between two passes that left nothing to do. */
const INTERVAL = 1
/** Seconds after a pass that failed. */
const AFTER_FAILURE = 5

/** Creates the loop of background work. An authority that is away is waited for; what is a bug is thrown. */
export function createRun({ pause }: Runtime, maintain: Maintain): Run {
  async function pass(): Promise<number> {
    try {
      return (await maintain()).done ? INTERVAL : 0
    } catch (error) {
      if (isCountersignError(error) && error.code === 'unavailable') return AFTER_FAILURE
      throw error
    }
  }

  return async ({ signal }) => {
    while (!signal.aborted) {
      const wait = await pass()
      await pause(wait, signal)
    }
  }
}
