import type { MaybePromise } from '../crypto/types.ts'
import type { TokenStanding } from '../model/access-token.ts'
import type { AuthMethodId } from '../model/auth-method.ts'
import type { Event } from '../model/event.ts'
import type { IdentityId } from '../model/identity.ts'
import type { TokenReason } from '../model/rejection.ts'
import type { CountedSession } from './login-store.ts'

/** Names the login behind a token. */
export interface StandingQuery {
  readonly organization: string
  readonly identity: IdentityId
  readonly authMethod: AuthMethodId
  readonly session: string
  /** The client secret or static token that opened the login. */
  readonly credential?: string
}

/** What one renewal commits. */
export interface Renewal extends StandingQuery {
  readonly generation: number
  /** The count that renewals share, where uses are limited; refused once `limit` is reached. */
  readonly counted?: CountedSession & { readonly limit: number }
}

/** Marks a login, or all logins of one stored credential, as ended. */
export interface RevocationMark {
  readonly organization: string
  /** A session, a client secret or a static token. */
  readonly id: string
  /** When no token that it forbids can live any more. */
  readonly until: Date
}

/** Something that counts once until it ends: a proof that came with a request. */
export interface SeenMark {
  readonly key: string
  readonly until: Date
}

/**
 * Decides what tokens may still do. Unlimited tokens write nothing here when they are used.
 *
 * 1. `find` MUST answer what stands at the moment of the call, never what stood before a change that has resolved.
 * 2. `spend` MUST count a use only while fewer than `limit` are counted; a session without a count is a no.
 * 3. `renew` MUST commit, with its events, only a login that stands, and answer the reason where it does not.
 * 4. `revoke` MUST answer false and write no event where the mark stands already.
 * 5. A login MUST stay revoked until its mark ends, whatever else happens to its identity.
 * 6. `markSeen` MUST answer true one time until the mark ends, however many ask at once, and false for a key that a grant
 *    has accepted.
 */
export interface TokenStore {
  find(query: StandingQuery, now: Date): MaybePromise<TokenStanding>
  renew(renewal: Renewal, now: Date, events: readonly Event[]): Promise<TokenReason | undefined>
  spend(session: StandingQuery, limit: number, events: readonly Event[]): Promise<boolean>
  markSeen(mark: SeenMark, now: Date): Promise<boolean>
  revoke(mark: RevocationMark, events: readonly Event[]): Promise<boolean>
}
