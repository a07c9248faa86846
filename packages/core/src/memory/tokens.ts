import type { Renewal, StandingQuery, TokenReason, TokenStanding, TokenStore } from '../plugin.ts'
import { refuseStanding } from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { copyOf } from './copy.ts'
import { boundOf, subjectOf } from './holdings.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { isRevoked, markRevoked } from './revocations.ts'
import type { UseCount } from './rows.ts'
import type { Tables } from './tables.ts'

/** A process that forgets everything when it ends has one epoch. */
export const EPOCH = 0

/** Creates the store that decides what tokens may still do. */
export function createTokens(tables: Tables): TokenStore {
  const { useCounts, journal } = tables
  return {
    find: async (query, now) => copyOf(standingOf(tables, query, now)),
    async renew(renewal, now, events) {
      const refusal = renewLogin(tables, renewal, now)
      if (refusal === undefined) journal.append(events)
      return refusal
    },
    async spend(query, limit, events) {
      const count = countOf(tables, query)
      if (count === undefined || count.uses >= limit) return false
      useCounts.put({ ...count, uses: count.uses + 1 })
      journal.append(events)
      return true
    },
    async markSeen({ key, until }, now) {
      const seen = tables.once.get(key)
      if (seen !== undefined && now < seen.until) return false
      tables.once.put({ key, until: new Date(until) })
      return true
    },
    async revoke(mark, events) {
      const isNew = markRevoked(tables, mark)
      if (isNew) journal.append(events)
      return isNew
    },
  }
}

function standingOf(tables: Tables, query: StandingQuery, now: Date): TokenStanding {
  const identity = identityIn(tables, query.organization, query.identity)
  const authMethod = identity && authMethodOf(tables, identity, query.authMethod)
  const count = countOf(tables, query)
  return {
    epoch: EPOCH,
    keyRevision: tables.signingKeys.versionOf(),
    ...(identity !== undefined && { identity }),
    ...(authMethod !== undefined && { authMethod }),
    bound:
      identity === undefined ? [] : boundOf(tables, identity.organization, subjectOf(identity)),
    revoked: isRevoked(tables, query, now),
    ...(count !== undefined && { uses: count.uses }),
  }
}

function countOf({ useCounts }: Tables, query: StandingQuery): UseCount | undefined {
  const count = useCounts.get(keyOf(query.organization, query.session))
  return count?.authMethod === query.authMethod ? count : undefined
}

function renewLogin(tables: Tables, renewal: Renewal, now: Date): TokenReason | undefined {
  const { generation, counted } = renewal
  const standing = standingOf(tables, renewal, now)
  const refusal = refuseStanding({ gen: generation, epo: EPOCH }, standing)
  if (refusal !== undefined || counted === undefined) return refusal
  const count = countOf(tables, renewal)
  if (count === undefined || count.uses >= counted.limit) return 'token_exhausted'
  if (count.until < counted.until)
    tables.useCounts.put({ ...count, until: new Date(counted.until) })
  return undefined
}
