import type { Outbox } from '../plugin.ts'
import type { Tables } from './tables.ts'

/** Creates the stream of recorded events. */
export function createOutbox({ journal, places }: Tables): Outbox {
  const placeOf = (sink: string): number => places.get(sink)?.position ?? 0
  return {
    append: async (events) => journal.append(events),
    read: async (after, limit) => journal.read(after, limit),
    placeOf: async (sink) => placeOf(sink),
    async advance(sink, position) {
      if (position > placeOf(sink)) places.put({ sink, position })
    },
  }
}
