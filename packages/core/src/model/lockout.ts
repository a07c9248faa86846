import type { Seconds } from '../lib/time.ts'
import { later } from '../lib/time.ts'

/** When guessing is throttled: `threshold` failures, each within `window` of the last, lock for `duration`. */
export interface LockoutPolicy {
  readonly threshold: number
  readonly window: Seconds
  readonly duration: Seconds
  /** `source`: known sources count for themselves and all strangers together. `identity`: one counter for everybody. */
  readonly scope: 'source' | 'identity'
}

/** Three failures within half a minute of each other lock for five minutes. */
export const DEFAULT_LOCKOUT: LockoutPolicy = Object.freeze({
  threshold: 3,
  window: 30,
  duration: 300,
  scope: 'source',
})

/** Whom a counter is about: one known source, all strangers together, or everybody. */
export type LockoutClass = `source:${string}` | 'strangers' | 'everybody'

/** Names one counter. */
export interface LockoutKey {
  readonly organization: string
  readonly identity: string
  readonly method: string
  readonly class: LockoutClass
}

/** The failures in a row that one class of sources has made. */
export interface LockoutCounter {
  readonly failures: number
  /** When this record means nothing any more: the end of the window, or of the lock. */
  readonly expiresAt: Date
  readonly locked: boolean
}

/** What a strike did: the counter after it, and whether it counted or found the lock already there. */
export interface Struck {
  readonly counter: LockoutCounter
  readonly counted: boolean
}

/** How long a source that was granted a login stays known. */
export const KNOWN_SOURCE_DAYS = 30

/** How many known sources one identity and method remembers. */
export const MAX_KNOWN_SOURCES = 64

/** The counter that an attempt from here is judged by. */
export function lockoutClassOf(
  policy: LockoutPolicy,
  source: string,
  known: boolean,
): LockoutClass {
  if (policy.scope === 'identity') return 'everybody'
  return known ? `source:${source}` : 'strangers'
}

/** Tells whether a counter refuses every attempt, the right credential too. */
export function isLocked(counter: LockoutCounter | undefined, now: Date): boolean {
  return counter?.locked === true && now < counter.expiresAt
}

/** Counts one failure. A lock that stands neither counts nor grows; a counter past its window starts anew. */
export function strike(
  counter: LockoutCounter | undefined,
  policy: LockoutPolicy,
  now: Date,
): Struck {
  if (counter !== undefined && isLocked(counter, now)) return { counter, counted: false }
  const inRow = counter !== undefined && !counter.locked && now < counter.expiresAt
  const failures = inRow ? counter.failures + 1 : 1
  const locked = failures >= policy.threshold
  const expiresAt = later(now, locked ? policy.duration : policy.window)
  return { counter: { failures, locked, expiresAt }, counted: true }
}
