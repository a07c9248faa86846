import type { Event } from '../model/event.ts'
import type { Identity } from '../model/identity.ts'
import type { IdentityFilter } from './filters.ts'
import type { RecordStore } from './record-store.ts'

/** Names an identity that is of no use. */
export interface Disuse {
  readonly organization: string
  readonly id: string
  /** The instant since which it must not have logged in. */
  readonly since: Date
  readonly now: Date
}

/**
 * Keeps identities, as every record is kept, and knows which of them nobody uses.
 *
 * 1. `unused` MUST list exactly the identities of all organizations that are enabled, were made and last logged in before
 *    `since`, and were not noted after that login, at most `limit`.
 * 2. `noteUnused` MUST write its events once for each time that an identity falls out of use, however many nodes note it,
 *    and none where it is gone, disabled, or logged in at or after `since`.
 */
export interface IdentityStore
  extends RecordStore<Identity, readonly [organization: string, id: string], IdentityFilter> {
  unused(since: Date, limit: number): Promise<readonly Identity[]>
  noteUnused(disuse: Disuse, events: readonly Event[]): Promise<boolean>
}
