import type { LockoutFilter, LockoutStore } from '../plugin.ts'
import { isLocked } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { counterKeyOf } from './counters.ts'
import type { CounterRow } from './rows.ts'
import { isWanted } from './select.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** Creates the store that shows and ends locks. */
export function createLockouts(tables: Tables): LockoutStore {
  const { counters, journal } = tables
  const selectLocked = (rows: readonly CounterRow[], now: Date): readonly CounterRow[] =>
    rows.filter(({ counter }) => isLocked(counter, now))

  return {
    async active(filter, now) {
      const locked = selectLocked(select(tables, filter), now)
      return copyOf(locked.map(({ key, counter }) => ({ ...key, counter })))
    },
    async clear(filter, now, events) {
      const rows = select(tables, filter)
      for (const { key } of rows) counters.delete(counterKeyOf(key))
      const ended = selectLocked(rows, now).length
      if (ended > 0) journal.append(events)
      return ended
    },
  }
}

function select({ counters }: Tables, filter: LockoutFilter): readonly CounterRow[] {
  const { organization, identity, method } = filter
  const group =
    identity === undefined ? groups.organization(organization) : groups.identity(identity)
  return [...counters.in(group)].filter(
    ({ key }) => key.organization === organization && isWanted(method, key.method),
  )
}
