import type { Storage, Stores } from '@countersign/core/plugin'

/** An implementation with one bug, and the cases that must find it. */
export interface Saboteur<Subject> {
  readonly bug: string
  readonly caughtBy: string
  readonly subject: Subject
}

/** A storage with one bug. */
export interface StorageSaboteur {
  readonly bug: string
  readonly caughtBy: string
  sabotage(storage: Storage): Storage
}

/** Puts a bug into some stores, for single verbs and for transactions alike. */
export function withBug(
  change: (stores: Stores) => Partial<Stores>,
): (storage: Storage) => Storage {
  return (storage) => ({
    ...storage,
    ...change(storage),
    transaction: (run) => storage.transaction((stores) => run({ ...stores, ...change(stores) })),
  })
}

/** Lets everybody else go first: what was read before may be stale behind it. */
export async function tick(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await Promise.resolve()
}
