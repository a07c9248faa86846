import { later } from '@countersign/core/plugin'

const MOST_KIDS = 1000
const REMEMBERED = 60
const LONGEST_KID = 256

/** Names of keys that an issuer did not have when it was asked. */
export interface AbsentKids {
  readonly has: (kid: string | undefined, now: Date) => boolean
  readonly add: (kid: string | undefined, now: Date) => void
}

/** Creates an empty list; the name that was added longest ago makes room for another. */
export function createAbsentKids(): AbsentKids {
  const absent = new Map<string, Date>()
  return {
    has(kid, now) {
      const until = kid === undefined ? undefined : absent.get(kid)
      return until !== undefined && now < until
    },
    add(kid, now) {
      if (kid === undefined || kid.length > LONGEST_KID) return
      const [oldest] = absent.keys()
      if (absent.size >= MOST_KIDS && oldest !== undefined) absent.delete(oldest)
      absent.set(kid, later(now, REMEMBERED))
    },
  }
}
