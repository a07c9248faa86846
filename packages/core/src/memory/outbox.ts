import type { Outbox } from '../plugin.ts'
import type { Tables } from './tables.ts'

/** Creates the door through which events of no other write enter. */
export function createOutbox({ journal, told }: Tables): Outbox {
  return {
    append: async (events) => journal.append(events),
    async appendOnce({ key, until }, now, events) {
      const standing = told.get(key)
      if (standing !== undefined && now < standing.until) return false
      told.put({ key, until: new Date(until) })
      journal.append(events)
      return true
    },
  }
}
