import type { Storage } from '../plugin.ts'
import { systemClock } from '../plugin.ts'
import { createChains } from './chains.ts'
import { createJournal } from './journal.ts'
import { createSinkPlaces } from './sink-places.ts'
import { createStores } from './stores.ts'
import { sweep } from './sweep.ts'
import { createTables } from './tables.ts'
import { createTrail } from './trail.ts'
import { createTransact } from './transaction.ts'

/** How a storage in memory differs from the usual one. */
export interface MemoryStorageOptions {
  /** The authority's time. */
  readonly clock?: () => Date
  /** How many events it keeps at the least, the newest ones; 100,000 where absent. */
  readonly keepEvents?: number
}

const KEPT_EVENTS = 100_000

/**
 * Creates the reference storage: every verb does what its contract says, in this process alone, and nothing outlives it.
 *
 * It is meant for tests, for trying things out and for a single node whose state may go with it. It keeps the newest
 * 100,000 events of the trail; a sink that falls further behind misses the older ones, and verification says so.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const { clock = systemClock, keepEvents = KEPT_EVENTS } = options
  const journal = createJournal(keepEvents)
  const tables = createTables(journal)
  return {
    ...createStores(tables),
    durable: false,
    trail: createTrail(journal, createChains(keepEvents)),
    sinkPlaces: createSinkPlaces(),
    transaction: createTransact(tables),
    now: async () => new Date(clock()),
    sweep: async (now, limit) => sweep(tables, now, limit),
    ready: async () => undefined,
    close: async () => undefined,
  }
}
