import type { Storage, Stores } from '../../ports/storage.ts'

/** How commands reach the stores. */
export interface Access {
  /** Reads, on its own. */
  read<T>(run: (stores: Stores) => Promise<T>): Promise<T>
  /** Reads and writes as one; the changes of one organization wait for each other. */
  write<T>(organization: string | undefined, run: (stores: Stores) => Promise<T>): Promise<T>
}

/** Reaches the stores by transactions of the engine's own. */
export function accessTo(storage: Storage): Access {
  return {
    read: (run) => run(storage),
    write: (organization, run) =>
      storage.transaction(async (stores) => {
        await holdIn(stores, organization)
        return run(stores)
      }),
  }
}

/**
 * Reaches the stores inside a transaction of the host's, which decides alone what becomes of it.
 *
 * @throws a `TypeError` where the storage shares no database with the host.
 */
export function accessWithin(storage: Storage, transaction: unknown): Access {
  const stores = storage.within?.(transaction)
  if (stores === undefined)
    throw new TypeError(
      'within() takes a storage that keeps its records in the database of the host',
    )
  return {
    read: (run) => run(stores),
    async write(organization, run) {
      await holdIn(stores, organization)
      return run(stores)
    },
  }
}

async function holdIn({ organizations }: Stores, organization: string | undefined): Promise<void> {
  if (organization !== undefined) await organizations.hold(organization)
}
