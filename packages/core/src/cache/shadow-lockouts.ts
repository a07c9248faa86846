import type { LockoutCounter, LockoutKey } from '../model/lockout.ts'
import { strike } from '../model/lockout.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'
import { createNumberRows, nameOfKey } from './number-rows.ts'

/** Creates the counters of ids that no organization knows; beyond `most`, those tried longest ago are forgotten. */
export function createShadowLockouts(most: number): ShadowLockouts {
  const counters = createNumberRows(most, 3)
  const nameOf = ({ identity, method, class: name }: LockoutKey): string =>
    nameOfKey(`${method} ${name} ${identity}`)

  return {
    find: (key) => toCounter(counters.get(nameOf(key))),
    strike(key, policy, now) {
      const name = nameOf(key)
      const struck = strike(toCounter(counters.get(name)), policy, now)
      const { failures, locked, expiresAt } = struck.counter
      counters.set(name, [failures, Number(locked), expiresAt.getTime()])
      return struck
    },
  }
}

function toCounter(row: readonly number[] | undefined): LockoutCounter | undefined {
  if (row === undefined) return undefined
  const [failures = 0, locked, expiresAt = 0] = row
  return { failures, locked: locked === 1, expiresAt: new Date(expiresAt) }
}
