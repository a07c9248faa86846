import type { Event } from '../model/event.ts'

/**
 * Where recorded events stand until they are sealed into the trail. Every verb of another store that takes events puts
 * them here, in the statement that makes true what they tell.
 *
 * 1. `append` MUST keep events as they are, in order: each comes back from `trail.open`, and later from the trail, with
 *    the same members and the same values.
 * 2. `append` MUST NOT make writers wait for each other.
 */
export interface Outbox {
  /** Records events that belong to no other write: refusals. */
  append(events: readonly Event[]): Promise<void>
}
