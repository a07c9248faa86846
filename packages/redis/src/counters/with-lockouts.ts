import type {
  LockoutClasses,
  LockoutCounter,
  LockoutFilter,
  LockoutKey,
  LockoutKeys,
  LockoutPolicy,
  LockoutStore,
  LoginState,
  LoginStore,
  Stores,
  StrikeEvents,
  Struck,
} from '@countersign/core/plugin'
import { ceilingOf, isLocked, lockoutClassesOf, startsLock } from '@countersign/core/plugin'
import type { Afterwards } from './afterwards.ts'
import { unlessAway } from './afterwards.ts'
import type { CounterFilter, LockoutCounters } from './lockout-counters.ts'
import { withTidyRemovals } from './tidy-removals.ts'

/**
 * Decorates stores so that failures are counted in Redis, and locks stand in both: Redis counts up to a lock, and the strike
 * that starts it writes it down in the storage, in the statement of its events. Whatever happens to Redis ends no lock.
 */
export function withLockouts(
  stores: Stores,
  counters: LockoutCounters,
  afterwards: Afterwards,
): Stores {
  return {
    ...withTidyRemovals(stores, counters, afterwards),
    logins: withCountedFailures(stores, counters),
    lockouts: withListedLocks(stores.lockouts, counters),
  }
}

function withCountedFailures({ logins, outbox }: Stores, counters: LockoutCounters): LoginStore {
  return {
    async find(query, now) {
      const state = await logins.find(query, now)
      if (state === undefined) return undefined
      return {
        ...state,
        counters: await mergeCounters(counters, state, lockoutClassesOf(query), now),
      }
    },
    async grant(grant, now, events) {
      const { lockout } = grant
      if (lockout === undefined) return logins.grant(grant, now, events)
      const held = await readHeld(counters, lockout)
      if (held?.counters.some((counter) => isLocked(counter, now)) === true)
        return 'too_many_attempts'
      const refusal = await logins.grant(grant, now, events)
      if (refusal === undefined && held?.counters.some((counter) => counter !== undefined) === true)
        await unlessAway(
          () => counters.clear(lockout, held.readAt, now),
          () => undefined,
        )
      return refusal
    },
    strike: (key, policy, now, events) =>
      unlessAway(
        async () => {
          const struck = await counters.strike(key, policy, now)
          if (startsLock(struck)) await writeLocks(logins, { key, policy, struck, events }, now)
          else if (events.refused.length > 0) await outbox.append(events.refused)
          return struck
        },
        () => logins.strike(key, policy, now, events),
      ),
  }
}

interface LockStarted {
  readonly key: LockoutKeys
  readonly policy: LockoutPolicy
  readonly struck: Struck
  readonly events: StrikeEvents
}

/** Writes down the locks that a strike started, the wider one first: whoever dies in between leaves less access. */
async function writeLocks(
  logins: LoginStore,
  { key: { total: name, ...key }, policy, struck, events }: LockStarted,
  now: Date,
): Promise<void> {
  const locks = [
    ...(name !== undefined && struck.total !== undefined && startsLock(struck.total)
      ? [{ key: { ...key, class: name }, rule: ceilingOf(policy) }]
      : []),
    ...(struck.counter.locked ? [{ key, rule: policy }] : []),
  ]
  for (const [index, lock] of locks.entries())
    await logins.strike(
      lock.key,
      { ...lock.rule, threshold: 1 },
      now,
      index === 0 ? events : NO_EVENTS,
    )
}

const NO_EVENTS: StrikeEvents = { refused: [], locked: [] }

/** What the counters of an attempt are, and when they were read; undefined while Redis is away, and the storage alone decides. */
function readHeld(counters: LockoutCounters, { total, ...key }: LockoutKeys) {
  const classes = total === undefined ? [key.class] : [key.class, total]
  return unlessAway(
    () => counters.read({ ...key, classes }),
    () => undefined,
  )
}

async function mergeCounters(
  counters: LockoutCounters,
  { identity, authMethod, counters: stored }: LoginState,
  classes: LockoutClasses,
  now: Date,
): Promise<LoginState['counters']> {
  const { method } = authMethod
  const asked = { organization: identity.organization, identity: identity.id, method }
  const read = await unlessAway(
    () =>
      counters.read({
        ...asked,
        classes: [classes.source, classes.strangers, classes.everybody, classes.total],
      }),
    () => undefined,
  )
  const [own, strangers, everybody, total] = (read?.counters ?? []).map((counter) =>
    counter !== undefined && now < counter.expiresAt ? counter : undefined,
  )
  return {
    ...merged('source', stored.source, own),
    ...merged('strangers', stored.strangers, strangers),
    ...merged('everybody', stored.everybody, everybody),
    ...merged('total', stored.total, total),
  }
}

function merged<Name extends string>(
  name: Name,
  stored: LockoutCounter | undefined,
  counted: LockoutCounter | undefined,
): { readonly [N in Name]?: LockoutCounter } {
  const counter = stricterOf(stored, counted)
  return counter === undefined ? {} : ({ [name]: counter } as { [N in Name]: LockoutCounter })
}

/** Of two counters about the same, the one that refuses more: the lock, then more failures, then the later end. */
function stricterOf(
  one: LockoutCounter | undefined,
  other: LockoutCounter | undefined,
): LockoutCounter | undefined {
  if (one === undefined || other === undefined) return one ?? other
  if (one.locked !== other.locked) return one.locked ? one : other
  const [less, more] = one.failures < other.failures ? [one, other] : [other, one]
  // A lock ends when the later one ends, whatever led to it.
  return less.locked && less.expiresAt > more.expiresAt ? less : more
}

function withListedLocks(lockouts: LockoutStore, counters: LockoutCounters): LockoutStore {
  return {
    async active(filter, now) {
      const [stored, counted] = await Promise.all([
        lockouts.active(filter, now),
        unlessAway(
          () => counters.list(toCounterFilter(filter), now),
          () => [],
        ),
      ])
      const locks = new Map(stored.map((lock) => [nameOf(lock), lock]))
      for (const lock of counted.filter(({ counter }) => isLocked(counter, now))) {
        const counter = stricterOf(locks.get(nameOf(lock))?.counter, lock.counter) ?? lock.counter
        locks.set(nameOf(lock), { ...lock, counter })
      }
      return [...locks.values()]
    },
    async clear(filter, now, events) {
      // An unlocking that Redis does not hear of would be none: it throws, and the storage keeps its locks, too.
      await counters.drop(toCounterFilter(filter))
      return lockouts.clear(filter, now, events)
    },
  }
}

function toCounterFilter({ organization, identity, method }: LockoutFilter): CounterFilter {
  return {
    organization,
    method,
    ...(identity !== undefined && { identities: [identity] }),
  }
}

function nameOf({ identity, method, class: name }: LockoutKey): string {
  return JSON.stringify([identity, method, name])
}
