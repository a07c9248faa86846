import { LRUCache } from 'lru-cache'
import type { LockoutCounter, LockoutKey } from '../model/lockout.ts'
import { strike } from '../model/lockout.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'

/** Creates the counters of ids that no organization knows; beyond `most`, those tried longest ago are forgotten. */
export function createShadowLockouts(most: number): ShadowLockouts {
  const counters = new LRUCache<string, LockoutCounter>({ max: most })
  const nameOf = ({ identity, method, class: name }: LockoutKey): string =>
    `${method} ${name} ${identity}`

  return {
    find: (key) => counters.get(nameOf(key)),
    strike(key, policy, now) {
      const struck = strike(counters.get(nameOf(key)), policy, now)
      counters.set(nameOf(key), struck.counter)
      return struck
    },
  }
}
