import type { Event, OpenEvent } from '../plugin.ts'
import { copyOf } from './copy.ts'
import type { Draft } from './overlay.ts'

/** Where stores put the events of what they do. */
export interface Journal {
  append(events: readonly Event[]): void
}

/** The events that are committed and not sealed yet, in order. */
export interface OpenJournal extends Journal {
  first(limit: number): readonly OpenEvent[]
  /** Takes these rows out, all of them or, where one is gone, none. */
  take(entries: readonly string[]): boolean
  countOf(organization: string | undefined): number
}

/** A journal that is appended to only when it is applied. */
export interface JournalOverlay extends Journal, Draft {}

/** Creates an empty journal. It forgets the oldest events where nobody takes them out. */
export function createJournal(capacity: number): OpenJournal {
  const rows = new Map<string, Event>()
  let appended = 0

  /** Half a journal at a time, so that appending stays cheap. */
  function makeRoom(): void {
    if (rows.size < 2 * capacity) return
    let surplus = rows.size - capacity
    for (const entry of rows.keys()) {
      if (surplus === 0) return
      rows.delete(entry)
      surplus -= 1
    }
  }

  return {
    append(events) {
      for (const event of events) {
        appended += 1
        rows.set(String(appended), copyOf(event))
      }
      makeRoom()
    },
    first(limit) {
      const first: OpenEvent[] = []
      for (const [entry, event] of rows) {
        if (first.length >= limit) break
        first.push({ entry, event: copyOf(event) })
      }
      return first
    },
    take(entries) {
      if (!entries.every((entry) => rows.has(entry))) return false
      for (const entry of entries) rows.delete(entry)
      return true
    },
    countOf(organization) {
      let count = 0
      for (const event of rows.values()) if (event.organization === organization) count += 1
      return count
    },
  }
}

/** Creates a journal of what a transaction will append. */
export function createJournalOverlay(base: Journal): JournalOverlay {
  const appended: Event[] = []
  return {
    append: (events) => appended.push(...events.map((event) => copyOf(event))),
    isCurrent: () => true,
    apply: () => base.append(appended),
  }
}
