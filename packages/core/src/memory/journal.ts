import type { Event, PlacedEvent } from '../plugin.ts'
import { copyOf } from './copy.ts'
import type { Draft } from './overlay.ts'

/** The committed events, in order; it forgets the oldest. */
export interface Journal {
  append(events: readonly Event[]): void
  read(after: number, limit: number): readonly PlacedEvent[]
  /** The position of the newest event. */
  end(): number
}

/** A journal that is appended to only when it is applied. */
export interface JournalOverlay extends Journal, Draft {}

/** Creates a journal that keeps the newest `capacity` events. */
export function createJournal(capacity: number): Journal {
  let kept: Event[] = []
  let forgotten = 0
  const end = (): number => forgotten + kept.length

  return {
    end,
    append(events) {
      for (const event of events) kept.push(copyOf(event))
      // Half a journal at a time, so that appending stays cheap.
      if (kept.length < 2 * capacity) return
      forgotten = end() - capacity
      kept = kept.slice(-capacity)
    },
    read(after, limit) {
      const start = Math.max(after, end() - capacity, 0)
      const events = kept.slice(start - forgotten, start - forgotten + limit)
      return events.map((event, index) => ({ position: start + index + 1, event: copyOf(event) }))
    },
  }
}

/** Creates a journal of what a transaction will append; its positions hold unless somebody else is first. */
export function createJournalOverlay(base: Journal): JournalOverlay {
  const appended: Event[] = []
  let endRead: number | undefined

  return {
    end: () => base.end() + appended.length,
    append: (events) => appended.push(...events.map((event) => copyOf(event))),
    read(after, limit) {
      endRead ??= base.end()
      const own = appended.map((event, index) => ({
        position: base.end() + index + 1,
        event: copyOf(event),
      }))
      const behind = own.filter(({ position }) => position > after)
      return [...base.read(after, limit), ...behind].slice(0, limit)
    },
    isCurrent: () => endRead === undefined || endRead === base.end(),
    apply: () => base.append(appended),
  }
}
