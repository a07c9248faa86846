import type { MaybePromise } from '../crypto/types.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { Digest, Revocation } from '../model/credential.ts'
import type { Event } from '../model/event.ts'
import type { Identity } from '../model/identity.ts'
import type { BoundRole } from '../model/role.ts'
import type { StaticToken, StaticTokenId, StaticTokenRefusal } from '../model/static-token.ts'
import type { CredentialFilter, CredentialKey, CredentialStore } from './credential-store.ts'

/** What the authority knows about a static token, in one read. */
export interface StaticTokenStanding {
  readonly token: StaticToken
  readonly identity: Identity
  readonly authMethod: AuthMethod
  /** What the identity holds. */
  readonly bound: readonly BoundRole[]
  /** The root key of the digest that named it. */
  readonly storedUnder: string
}

/** What one request with a static token commits. */
export interface StaticTokenUse {
  readonly organization: string
  readonly id: StaticTokenId
  /** A digest under the newest root key, for a token that was found by an older one. */
  readonly redigest?: Digest
}

/**
 * Keeps static tokens, as every credential is kept, and decides what they may still do.
 *
 * 1. `findByDigest` MUST answer what stands at the moment of the call, of a token that ended too, and undefined where
 *    no digest names a static token.
 * 2. `use` MUST count a use only while the token is neither revoked, expired at `now` nor used up, and answer the reason
 *    where it counts none; however many use it at once, no more than `maxUses` succeed. A token without `maxUses` is
 *    checked and not counted.
 * 3. `use` MUST replace the digest where a new one is given, unless another credential has it.
 * 4. `rename` MUST change the name alone, and answer undefined for a token that is not there.
 * 5. `revokeAll` MUST revoke every token of the identity that is not revoked yet, answer how many, and write its events
 *    only where it revoked one.
 */
export interface StaticTokenStore extends CredentialStore<StaticToken> {
  /** One digest per root key that is present, newest first. */
  findByDigest(digests: readonly Digest[], now: Date): MaybePromise<StaticTokenStanding | undefined>
  use(
    use: StaticTokenUse,
    now: Date,
    events: readonly Event[],
  ): Promise<StaticTokenRefusal | undefined>
  rename(
    key: CredentialKey,
    name: string,
    events: readonly Event[],
  ): Promise<StaticToken | undefined>
  revokeAll(
    filter: CredentialFilter,
    revocation: Revocation,
    events: readonly Event[],
  ): Promise<number>
}
