import type {
  ActiveLockout,
  LockoutClass,
  LockoutFilter,
  LockoutStore,
} from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { readAll } from '../db.ts'
import { fromEvents } from '../records.ts'
import type { Value } from '../statement.ts'
import { clearCounters, findLocks } from '../statements/lockouts.ts'

/** Creates the store that shows and ends locks. */
export function createLockouts(db: Db): LockoutStore {
  return {
    async active(filter, now) {
      const locks = await readAll<LockAnswer>(db, findLocks, valuesOf(filter, now))
      return locks.map((lock) => toLockout(filter, lock))
    },
    async clear(filter, now, events) {
      const ended = await db.ask(clearCounters, [...valuesOf(filter, now), fromEvents(events)])
      return ended.length
    },
  }
}

interface LockAnswer {
  readonly identity: string
  readonly method: string
  readonly class: LockoutClass
  readonly failures: number
  readonly expiresAt: number
}

function toLockout({ organization }: LockoutFilter, lock: LockAnswer): ActiveLockout {
  const { failures, expiresAt, ...key } = lock
  return {
    organization,
    ...key,
    counter: { failures, locked: true, expiresAt: new Date(expiresAt) },
  }
}

function valuesOf({ organization, identity, method }: LockoutFilter, now: Date): readonly Value[] {
  return [organization, identity, method, now.getTime()]
}
