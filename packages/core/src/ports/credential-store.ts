import type { Seconds } from '../lib/time.ts'
import type { Digest, Revocation, StoredCredential } from '../model/credential.ts'
import type { Event } from '../model/event.ts'
import type { IdentityId } from '../model/identity.ts'
import type { PageOf, PageQuery } from './record-store.ts'
import type { RevocationMark } from './token-store.ts'

/** Selects the credentials of one identity. */
export interface CredentialFilter {
  readonly organization: string
  readonly identity: IdentityId
}

/** Names one credential, and the mark that its end leaves on the tokens it opened. */
export interface CredentialKey {
  readonly organization: string
  readonly id: string
  readonly mark?: RevocationMark
}

/** Uses that need no exact count, gathered per node and written now and then. */
export interface UseStatistic<Id extends string = string> {
  readonly organization: string
  readonly identity: IdentityId
  /** The credential that was used, where it is a stored one. */
  readonly credential?: Id
  readonly uses: number
  readonly firstUsedAt: Date
  readonly lastUsedAt: Date
}

/** What ends soon. */
export interface ExpiryQuery {
  readonly within: Seconds
  readonly now: Date
}

/** The credentials that end soon. */
export interface Expiring<Credential> {
  /** How many there are. */
  readonly count: number
  /** Some of those that nobody was told of, the first ones to end first. */
  readonly untold: readonly Credential[]
}

/**
 * Keeps one kind of credential, by digest only: client secrets or static tokens.
 *
 * 1. `insert` MUST answer false where the digest or the id is taken, or the auth method is gone.
 * 2. `revoke` and `remove` MUST write the mark that ends the tokens in the same statement, where one is given.
 * 3. `revoke` MUST answer undefined for a credential that is not there; of one that is revoked already it MUST change
 *    nothing, and write the events only where it writes a mark that was not there.
 * 4. No verb MUST ever answer a digest.
 * 5. Every verb MUST answer a credential of the other kind like an unknown one.
 * 6. `record` MUST add uses where nothing limits them, leave an exact count alone, and keep the first and the last use.
 * 7. `expiring` MUST count exactly the credentials of all organizations that open something at `now`, end within `within`,
 *    were made for longer than that, and were not replaced.
 * 8. `expiring` MUST list those of them, at most `limit`, whose end was not noted `within` as many seconds or fewer.
 * 9. `noteExpiry` MUST write its events once for each credential and `within`, however many nodes note it, and none where
 *    the credential is gone, revoked or replaced, or its end was noted within fewer seconds already.
 */
export interface CredentialStore<Credential extends StoredCredential> {
  insert(credential: Credential, digest: Digest, events: readonly Event[]): Promise<boolean>
  find(organization: string, id: string): Promise<Credential | undefined>
  page(query: PageQuery<CredentialFilter>): Promise<PageOf<Credential>>
  revoke(
    key: CredentialKey,
    revocation: Revocation,
    events: readonly Event[],
  ): Promise<Credential | undefined>
  remove(key: CredentialKey, events: readonly Event[]): Promise<boolean>
  /** Adds statistics; losing them loses no rule. */
  record(statistics: readonly UseStatistic<Credential['id']>[]): Promise<void>
  expiring(query: ExpiryQuery, limit: number): Promise<Expiring<Credential>>
  /** Notes that somebody was told of the end of a credential, so long before it. */
  noteExpiry(key: CredentialKey, within: Seconds, events: readonly Event[]): Promise<boolean>
}
