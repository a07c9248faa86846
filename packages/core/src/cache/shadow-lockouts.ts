import { LRUCache } from 'lru-cache'
import type { LockoutCounter, LockoutKey } from '../model/lockout.ts'
import { strike } from '../model/lockout.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'

/** How many unknown ids a node watches at a time. */
const MOST_WATCHED = 65_536

/** Creates the counters of ids that no organization knows; the least recently tried ones are forgotten first. */
export function createShadowLockouts(): ShadowLockouts {
  const counters = new LRUCache<string, LockoutCounter>({ max: MOST_WATCHED })
  const nameOf = ({ identity, method }: LockoutKey): string => `${method} ${identity}`

  return {
    find: (key) => counters.get(nameOf(key)),
    strike(key, policy, now) {
      const struck = strike(counters.get(nameOf(key)), policy, now)
      counters.set(nameOf(key), struck.counter)
      return struck
    },
  }
}
