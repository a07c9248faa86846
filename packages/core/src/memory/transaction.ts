import type { Stores } from '../plugin.ts'
import { conflict } from '../plugin.ts'
import { createStores } from './stores.ts'
import type { Tables } from './tables.ts'
import { draftOf } from './tables.ts'

/** How often a transaction is run again after somebody else changed what it had read. */
const MAX_RERUNS = 5

/** Runs a function over stores whose changes are committed together, or not at all. */
export type Transact = <T>(run: (stores: Stores) => Promise<T>) => Promise<T>

/** Creates optimistic transactions: what was read must still stand when they commit. */
export function createTransact(tables: Tables): Transact {
  let rerun: Promise<unknown> = Promise.resolve()

  async function attempt<T>(run: (stores: Stores) => Promise<T>): Promise<Attempt<T>> {
    const draft = draftOf(tables)
    const value = await run(createStores(draft.tables))
    if (!draft.isCurrent()) return { committed: false }
    draft.apply()
    return { committed: true, value }
  }

  return async function transact(run) {
    const first = await attempt(run)
    if (first.committed) return first.value
    for (let count = 0; count < MAX_RERUNS; count += 1) {
      // One at a time, so that transactions do not starve each other.
      const next = rerun.then(() => attempt(run))
      rerun = next.catch(() => undefined)
      const again = await next
      if (again.committed) return again.value
    }
    throw conflict('Others kept changing what this call had read')
  }
}

type Attempt<T> = { readonly committed: true; readonly value: T } | { readonly committed: false }
