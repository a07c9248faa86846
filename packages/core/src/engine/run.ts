import { isCountersignError } from '../errors.ts'
import type { Maintain } from './maintain.ts'
import type { Parts } from './parts.ts'

/** Repeats maintenance until the signal aborts. */
export type Run = (options: { readonly signal: AbortSignal }) => Promise<void>

/** Seconds between two passes that left nothing to do. */
const INTERVAL = 1
/** Seconds after a pass that failed. */
const AFTER_FAILURE = 5

/** Creates the loop of background work. An authority that is away is waited for; what is a bug is thrown. */
export function createRun(
  { runtime, listen }: Pick<Parts, 'runtime' | 'listen'>,
  maintain: Maintain,
): Run {
  async function pass(): Promise<number> {
    try {
      return (await maintain()).done ? INTERVAL : 0
    } catch (error) {
      if (isCountersignError(error) && error.code === 'unavailable') return AFTER_FAILURE
      throw error
    }
  }

  return async ({ signal }) => {
    let stopListening = await listenSafely(listen)
    try {
      while (!signal.aborted) {
        const wait = await pass()
        stopListening ??= await listenSafely(listen)
        await runtime.pause(wait, signal)
      }
    } finally {
      stopListening?.()
    }
  }
}

/** A channel that is away is asked again after the next pass; until then `cacheTtl` bounds what is not heard. */
async function listenSafely(listen: Parts['listen']): Promise<(() => void) | undefined> {
  try {
    return await listen?.()
  } catch {
    return undefined
  }
}
