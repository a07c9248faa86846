import type { Revocation } from '../model/credential.ts'
import type { Event } from '../model/event.ts'

/** What can be found or opened by one root key alone. */
export interface RootKeyUse {
  readonly rootKey: string
  readonly clientSecrets: number
  readonly staticTokens: number
}

/** How the credentials of a root key that is no longer there end. */
export interface RootKeyRetirement {
  readonly rootKey: string
  readonly revocation: Revocation
  /** When no token that they opened can live any more. */
  readonly until: Date
}

/**
 * Knows which root key each digest was made with.
 *
 * 1. `uses` MUST name every root key that a credential which could still be used depends on.
 * 2. `retire` MUST revoke all credentials that depend on the root key, and the tokens that they opened, with the events,
 *    and answer how many.
 */
export interface RootKeyStore {
  uses(now: Date): Promise<readonly RootKeyUse[]>
  retire(retirement: RootKeyRetirement, events: readonly Event[]): Promise<number>
}
