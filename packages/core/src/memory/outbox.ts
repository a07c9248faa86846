import type { Outbox } from '../plugin.ts'
import type { Tables } from './tables.ts'

/** Creates the door through which events of no other write enter. */
export function createOutbox({ journal }: Tables): Outbox {
  return { append: async (events) => journal.append(events) }
}
