import type { Event } from '../model/event.ts'
import type { LockoutCounter, LockoutKey } from '../model/lockout.ts'

/** A lock that stands, as an operator sees it. */
export interface ActiveLockout extends LockoutKey {
  readonly counter: LockoutCounter
}

/** Selects lockouts of one organization. */
export interface LockoutFilter {
  readonly organization: string
  readonly identity?: string
  readonly method?: string
}

/**
 * Shows and ends locks.
 *
 * 1. `active` MUST list exactly the locks that refuse an attempt at `now`.
 * 2. `clear` MUST take away counters as well as locks, answer how many locks it ended, and write its events only then.
 */
export interface LockoutStore {
  active(filter: LockoutFilter, now: Date): Promise<readonly ActiveLockout[]>
  clear(filter: LockoutFilter, now: Date, events: readonly Event[]): Promise<number>
}
