import type { LockoutCounter, LockoutKey, Struck } from '../model/lockout.ts'
import { strike, strikeBoth } from '../model/lockout.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'
import { createNumberRows, nameOfKey } from './number-rows.ts'

/** Creates the counters of ids that no organization knows; beyond `most`, those tried longest ago are forgotten. */
export function createShadowLockouts(most: number): ShadowLockouts {
  const counters = createNumberRows(most, 3)
  const nameOf = ({ identity, method, class: name }: LockoutKey): string =>
    nameOfKey(`${method} ${name} ${identity}`)

  const find = (key: LockoutKey): LockoutCounter | undefined => toCounter(counters.get(nameOf(key)))
  const keep = (key: LockoutKey, { counter: { failures, locked, expiresAt } }: Struck): void =>
    counters.set(nameOf(key), [failures, Number(locked), expiresAt.getTime()])

  return {
    find,
    strike({ total: name, ...key }, policy, now) {
      const total = name && { ...key, class: name }
      const struck =
        total === undefined
          ? strike(find(key), policy, now)
          : strikeBoth({ own: find(key), total: find(total) }, policy, now)
      keep(key, struck)
      if (total !== undefined && struck.total !== undefined) keep(total, struck.total)
      return struck
    },
  }
}

function toCounter(row: readonly number[] | undefined): LockoutCounter | undefined {
  if (row === undefined) return undefined
  const [failures = 0, locked, expiresAt = 0] = row
  return { failures, locked: locked === 1, expiresAt: new Date(expiresAt) }
}
