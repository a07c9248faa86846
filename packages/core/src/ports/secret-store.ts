import type { ClientSecret, ClientSecretId, Digest, Revocation } from '../model/client-secret.ts'
import type { Event } from '../model/event.ts'
import type { IdentityId } from '../model/identity.ts'
import type { PageOf, PageQuery } from './record-store.ts'
import type { RevocationMark } from './token-store.ts'

/** Selects the client secrets of one identity. */
export interface SecretFilter {
  readonly organization: string
  readonly identity: IdentityId
}

/** Uses that need no exact count, gathered per node and written now and then. */
export interface UseStatistic {
  readonly organization: string
  readonly identity: IdentityId
  /** The client secret that opened the logins, where one did. */
  readonly clientSecret?: ClientSecretId
  readonly uses: number
  readonly lastUsedAt: Date
}

/**
 * Keeps client secrets, by digest only.
 *
 * 1. `insert` MUST answer false where the digest or the id is taken, or the auth method is gone.
 * 2. `revoke` and `remove` MUST write the mark that ends the secret's tokens in the same statement, where one is given.
 * 3. `revoke` MUST answer undefined for a secret that is not there, and change nothing where it is revoked already.
 * 4. No verb MUST ever answer a digest.
 */
export interface SecretStore {
  insert(secret: ClientSecret, digest: Digest, events: readonly Event[]): Promise<boolean>
  find(organization: string, id: string): Promise<ClientSecret | undefined>
  page(query: PageQuery<SecretFilter>): Promise<PageOf<ClientSecret>>
  revoke(
    key: SecretKey,
    revocation: Revocation,
    events: readonly Event[],
  ): Promise<ClientSecret | undefined>
  remove(key: SecretKey, events: readonly Event[]): Promise<boolean>
  /** Adds statistics; losing them loses no rule. */
  record(statistics: readonly UseStatistic[]): Promise<void>
}

/** Names one client secret, and the mark that its end leaves on the tokens it opened. */
export interface SecretKey {
  readonly organization: string
  readonly id: string
  readonly mark?: RevocationMark
}
