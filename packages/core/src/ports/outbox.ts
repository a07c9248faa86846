import type { Event } from '../model/event.ts'

/** What makes sure that something is told once. */
export interface OnceMark {
  /** The same for all who would tell the same. */
  readonly key: string
  /** From when on it may be told again. */
  readonly until: Date
}

/**
 * Where recorded events stand until they are sealed into the trail. Every verb of another store that takes events puts
 * them here, in the statement that makes true what they tell.
 *
 * 1. `append` MUST keep events as they are, in order: each comes back from `trail.open`, and later from the trail, with
 *    the same members and the same values.
 * 2. `append` MUST NOT make writers wait for each other.
 * 3. `appendOnce` MUST record its events only where no mark of the same key stands at `now`, set the mark together with
 *    them, and answer whether it did; however many nodes ask at once, one succeeds.
 */
export interface Outbox {
  /** Records events that belong to no other write: refusals. */
  append(events: readonly Event[]): Promise<void>
  /** Records what several nodes would tell alike. */
  appendOnce(mark: OnceMark, now: Date, events: readonly Event[]): Promise<boolean>
}
