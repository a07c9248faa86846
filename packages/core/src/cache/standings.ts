import { LRUCache } from 'lru-cache'
import type { Seconds } from '../lib/time.ts'
import type { TokenStanding } from '../model/access-token.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { StandingQuery, TokenStore } from '../ports/token-store.ts'

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

/** What one identity's sessions have in common: whether what is remembered of them still counts. */
interface Owner {
  live: boolean
}

function bury(owner: Owner): void {
  owner.live = false
}

interface Cell {
  readonly standing: TokenStanding
  readonly askedAt: number
  readonly owner: Owner
}

interface Flight {
  readonly answer: Promise<TokenStanding>
  readonly owner: Owner
  readonly changes: number
}

/**
 * Decorates a token store so that one login's standing is asked for once per `ttl`, by one question however many
 * requests wait for it. Logins with limited uses are never answered from here.
 *
 * What is remembered dies with its invalidation, and an answer that was on its way when the invalidation came is handed
 * to those who asked before it, and to nobody after.
 */
export function withStandings(
  inner: TokenStore,
  { ttl, sessions }: StandingsLimits,
): RememberingTokens {
  const cells = new LRUCache<string, Cell>({ max: sessions })
  const owners = new LRUCache<string, Owner>({ max: sessions, dispose: bury })
  const flights = new Map<string, Flight>()
  let changes = 0

  function ownerOf(identity: string): Owner {
    const known = owners.get(identity)
    if (known !== undefined) return known
    const owner = { live: true }
    owners.set(identity, owner)
    return owner
  }

  async function ask(query: StandingQuery, now: Date): Promise<TokenStanding> {
    const owner = ownerOf(query.identity)
    const flight: Flight = { answer: Promise.resolve(inner.find(query, now)), owner, changes }
    flights.set(query.session, flight)
    try {
      const standing = await flight.answer
      const current = flight.changes === changes && flight.owner.live
      if (current && standing.uses === undefined)
        cells.set(query.session, { standing, askedAt: now.getTime(), owner: flight.owner })
      return standing
    } finally {
      if (flights.get(query.session) === flight) flights.delete(query.session)
    }
  }

  return {
    ...inner,
    find(query, now) {
      const cell = cells.get(query.session)
      const age = cell === undefined ? Number.POSITIVE_INFINITY : now.getTime() - cell.askedAt
      if (cell?.owner.live === true && age >= 0 && age < ttl * 1000) return cell.standing
      const flight = ttl > 0 ? flights.get(query.session) : undefined
      if (flight?.changes === changes) return flight.answer
      return ask(query, now)
    },
    forget(invalidation) {
      changes += 1
      if (invalidation.kind === 'session') cells.delete(invalidation.id)
      else if (invalidation.kind === 'identity') owners.delete(invalidation.id)
      else {
        cells.clear()
        owners.clear()
      }
    },
  }
}
