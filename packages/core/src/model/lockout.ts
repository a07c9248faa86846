import { bucketOf } from '../lib/bucket.ts'
import type { Seconds } from '../lib/time.ts'
import { days, later } from '../lib/time.ts'

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

/** Whom a counter is about: one known source, all strangers together, everybody, or the total; where accounts are guessed at, per account. */
export type LockoutClass =
  | `source:${string}`
  | 'strangers'
  | 'everybody'
  | 'total'
  | `strangers ${string}`
  | `everybody ${string}`
  | `total ${string}`

/** The counters that could judge one attempt. */
export interface LockoutClasses {
  readonly source: LockoutClass
  readonly strangers: LockoutClass
  readonly everybody: LockoutClass
  /** What counts beside one of the others where the credential can be guessed, up to the ceiling. */
  readonly total: LockoutClass
}

/** Names one counter. */
export interface LockoutKey {
  readonly organization: string
  readonly identity: string
  readonly method: string
  readonly class: LockoutClass
}

/** The counter of an attempt, and the total beside it where the credential can be guessed. */
export interface LockoutKeys extends LockoutKey {
  readonly total?: LockoutClass
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
  /** What it did to the total, where there is one; absent where the failure did not count for its own counter. */
  readonly total?: Struck
}

/** How many failures in a row, from anywhere, lock every source of a credential that can be guessed (NIST SP 800-63B, 5.2.2). */
export const CEILING = 100

/** After how long without a failure the total starts anew. */
export const CEILING_WINDOW: Seconds = days(1)

/** How long a source that was granted a login stays known. */
export const KNOWN_SOURCE_DAYS = 30

/** How many known sources one identity and method remembers. */
export const MAX_KNOWN_SOURCES = 64

/** How many counters of accounts one identity has at most; names beyond share them. */
export const MAX_ACCOUNTS = 1000

/** The counter of an account, by its name in its canonical form. No name stands in a record: it may be a mistyped password. */
export function accountOf(name: string): string {
  return `account-${bucketOf(name, MAX_ACCOUNTS)}`
}

/** What a source is known and counted by: who was granted one account from there is a stranger to the others. */
export function lockoutSourceOf(network: string, account: string | undefined): string {
  return account === undefined ? network : `${account} ${network}`
}

/** The counters that could judge an attempt from a source, at an account where there are any. */
export function lockoutClassesOf({
  source,
  account,
}: {
  readonly source: string
  readonly account?: string
}): LockoutClasses {
  return {
    source: `source:${source}`,
    strangers: account === undefined ? 'strangers' : `strangers ${account}`,
    everybody: account === undefined ? 'everybody' : `everybody ${account}`,
    total: account === undefined ? 'total' : `total ${account}`,
  }
}

/** The counter that an attempt is judged by. */
export function lockoutKindOf(
  policy: LockoutPolicy,
  known: boolean,
): Exclude<keyof LockoutClasses, 'total'> {
  if (policy.scope === 'identity') return 'everybody'
  return known ? 'source' : 'strangers'
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

/** When the total of failures locks every source: for as long as the policy locks one, so that it is no better a weapon. */
export function ceilingOf({ duration }: LockoutPolicy): LockoutPolicy {
  return { threshold: CEILING, window: CEILING_WINDOW, duration, scope: 'identity' }
}

/** Counts one failure for its own counter and then, if it counted there, for the total. */
export function strikeBoth(
  counters: {
    readonly own?: LockoutCounter | undefined
    readonly total?: LockoutCounter | undefined
  },
  policy: LockoutPolicy,
  now: Date,
): Struck {
  const own = strike(counters.own, policy, now)
  return own.counted ? { ...own, total: strike(counters.total, ceilingOf(policy), now) } : own
}

/** Tells whether this very strike started a lock. */
export function startsLock({ counter, counted, total }: Struck): boolean {
  return (counted && counter.locked) || (total !== undefined && startsLock(total))
}
