import type { Storage } from '../plugin.ts'
import { systemClock } from '../plugin.ts'
import { createStores } from './stores.ts'
import { sweep } from './sweep.ts'
import { createTables } from './tables.ts'
import { createTransact } from './transaction.ts'

/** How a storage in memory differs from the usual one. */
export interface MemoryStorageOptions {
  /** The authority's time. */
  readonly clock?: () => Date
  /** How many events it keeps, the newest ones; 100,000 where absent. */
  readonly keepEvents?: number
}

const KEPT_EVENTS = 100_000

/**
 * Creates the reference storage: every verb does what its contract says, in this process alone, and nothing outlives it.
 *
 * It is meant for tests, for trying things out and for a single node whose state may go with it. It keeps the newest
 * 100,000 events; a sink that falls further behind misses the older ones.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const { clock = systemClock, keepEvents = KEPT_EVENTS } = options
  const tables = createTables(keepEvents)
  return {
    ...createStores(tables),
    durable: false,
    transaction: createTransact(tables),
    now: async () => new Date(clock()),
    sweep: async (now, limit) => sweep(tables, now, limit),
    ready: async () => undefined,
    close: async () => undefined,
  }
}
