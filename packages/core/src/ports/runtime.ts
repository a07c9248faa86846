import type { Random } from '../lib/ids.ts'
import type { Seconds } from '../lib/time.ts'

/**
 * Time, randomness and the network, handed in: nothing in the engine is ambient.
 *
 * 1. `clock` MUST NOT run backwards.
 * 2. `random` MUST be a cryptographically secure source.
 * 3. The signal of `deadline` MUST abort after `seconds`, and MUST NOT keep the process alive.
 * 4. `pause` MUST resolve after `seconds` or when the signal aborts, whichever is first, and MUST NOT throw.
 */
export interface Runtime {
  readonly clock: () => Date
  readonly random: Random
  readonly fetch: typeof globalThis.fetch
  readonly deadline: (seconds: Seconds) => AbortSignal
  readonly pause: (seconds: Seconds, signal: AbortSignal) => Promise<void>
}
