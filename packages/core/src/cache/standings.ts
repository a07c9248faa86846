import type { Seconds } from '../lib/time.ts'
import type { TokenStanding } from '../model/access-token.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { StandingQuery, TokenStore } from '../ports/token-store.ts'
import { createRecall } from './recall.ts'

/** How long and how much a node remembers of what the authority said. */
export interface StandingsLimits {
  /** Seconds that an answer may be repeated, from the instant the authority was asked; 0 asks every time. */
  readonly ttl: Seconds
  /** Logins whose standing is remembered. */
  readonly sessions: number
}

/** A token store that remembers standings, and can forget them. */
export interface RememberingTokens extends TokenStore {
  forget(invalidation: Invalidation): void
}

/**
 * Decorates a token store so that one login's standing is asked for once per `ttl`. Logins with limited uses are never
 * answered from here.
 */
export function withStandings(
  inner: TokenStore,
  { ttl, sessions }: StandingsLimits,
): RememberingTokens {
  const recall = createRecall<StandingQuery, TokenStanding>({
    ttl,
    most: sessions,
    keyOf: ({ session }) => session,
    ask: (query, now) => inner.find(query, now),
    ownerOf: ({ uses }, { identity }) => (uses === undefined ? identity : undefined),
  })

  return {
    ...inner,
    find: recall.find,
    forget(invalidation) {
      if (invalidation.kind === 'session') recall.forget(invalidation.id)
      else if (invalidation.kind === 'identity') recall.forgetOwner(invalidation.id)
      else if (invalidation.kind !== 'user') recall.forgetAll()
    },
  }
}
