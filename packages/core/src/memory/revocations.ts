import type { RevocationMark, StandingQuery } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { keyOf } from './key.ts'
import type { Tables } from './tables.ts'

/** Sets a mark, or lets one that stands last longer; answers whether it is new. */
export function markRevoked({ revocations }: Tables, mark: RevocationMark): boolean {
  const stored = revocations.get(keyOf(mark.organization, mark.id))
  if (stored === undefined || stored.until < mark.until) revocations.put(copyOf(mark))
  return stored === undefined
}

/** Tells whether a login is marked as ended at `now`, or the credential that opened it. */
export function isRevoked({ revocations }: Tables, query: StandingQuery, now: Date): boolean {
  const { organization, session, credential } = query
  const ids = credential === undefined ? [session] : [session, credential]
  return ids.some((id) => {
    const mark = revocations.get(keyOf(organization, id))
    return mark !== undefined && now < mark.until
  })
}
