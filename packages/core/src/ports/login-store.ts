import type { Charge } from '../model/attestation.ts'
import type { AuthMethod, AuthMethodId } from '../model/auth-method.ts'
import type { AuthTemplate } from '../model/auth-template.ts'
import type { CredentialId, Digest, StoredCredential } from '../model/credential.ts'
import type { Event } from '../model/event.ts'
import type { Identity, IdentityId } from '../model/identity.ts'
import type { LockoutCounter, LockoutKeys, LockoutPolicy, Struck } from '../model/lockout.ts'
import type { LoginReason } from '../model/rejection.ts'

/** What one login asks the authority, in one read. */
export interface LoginQuery {
  /** Absent where the stored credential names its identity. */
  readonly identity?: string
  readonly method: string
  /** The network of the caller's address, or `'unknown'`. */
  readonly source: string
  /** The account that is guessed at, where the method has any: its counters are asked for, and not those of the identity. */
  readonly account?: string
  /** One digest per root key that is present; empty where the method has no stored credentials. */
  readonly digests: readonly Digest[]
}

/** What the authority knows before a login is judged. */
export interface LoginState {
  readonly epoch: number
  readonly identity: Identity
  readonly authMethod: AuthMethod
  /** The template that the auth method names, as it is at this moment. */
  readonly template?: AuthTemplate
  /** The credential that one of the digests named, if it belongs to this identity and method. */
  readonly stored?: StoredCredential
  /** The root key of the digest that named it. */
  readonly storedUnder?: string
  /** When the caller's source was last granted a login, if it is still known. */
  readonly knownSince?: Date
  /** The counters that could judge this attempt, without those that are past their end. */
  readonly counters: {
    readonly source?: LockoutCounter
    readonly strangers?: LockoutCounter
    readonly everybody?: LockoutCounter
    readonly total?: LockoutCounter
  }
}

/** A counted session: the row of a login whose tokens have limited uses. */
export interface CountedSession {
  readonly session: string
  /** When no token of the login can live any more. */
  readonly until: Date
}

/** A stored credential's new digest: the old one finds it no more. */
export interface Redigest {
  readonly credential: CredentialId
  readonly digest: Digest
}

/** Everything that one granted login commits, in one statement. */
export interface LoginGrant {
  readonly organization: string
  readonly identity: IdentityId
  readonly generation: number
  readonly authMethod: AuthMethodId
  /** The counters that are cleared, unless one of them locked meanwhile; absent where lockout is off. */
  readonly lockout?: LockoutKeys
  /** The source to remember from now on; absent where it is fresh enough. */
  readonly remember?: { readonly method: string; readonly source: string; readonly until: Date }
  readonly charges: readonly Charge[]
  readonly counted?: CountedSession
  /** A digest under the newest root key, for a credential that was found by an older one. */
  readonly redigest?: Redigest
}

/** The events of a strike: one for the refusal, and one more only if this strike started the lock. */
export interface StrikeEvents {
  readonly refused: readonly Event[]
  readonly locked: readonly Event[]
}

/**
 * Decides logins.
 *
 * 1. `find` MUST answer undefined for an identity or a method that is not there, and never another identity's
 *    credential. Without an identity it MUST answer the one that the credential belongs to, if it is of this method.
 * 2. `grant` MUST commit all of the grant and its events or none, and answer the reason where it commits nothing.
 * 3. `grant` MUST refuse with `too_many_attempts` if a counter it would clear is locked at `now`.
 * 4. `grant` MUST refuse if the identity is gone, disabled or of another generation, or the auth method is gone.
 * 5. `grant` MUST count a use only while the secret is neither revoked, expired at `now` nor used up; however many
 *    callers grant at once, no more than `maxUses` succeed. A secret without `maxUses` is checked and not written. The
 *    same holds for a static token.
 * 6. `grant` MUST accept a `once` key one time until it ends; where a `holder` is given, again from the same holder and
 *    from no other, and the later end holds. A key has a holder always or never.
 * 7. `grant` MUST replace the digest where a new one is given, and count and use the secret as before.
 * 8. `strike` MUST apply the lockout transitions one after the other, however many callers strike at once.
 * 9. `find` MUST answer the counters of the account that is guessed at, and no others: those of `lockoutClassesOf`.
 * 10. `strike` MUST write `locked` if and only if this very strike started the lock.
 * 11. `strike` MUST count for the total, where one is named, what counted for its own counter and nothing else; however many
 *    strike at once, the hundredth in a row locks it, and no more are counted.
 * 12. `find` MUST answer the template that the auth method names, as it stands at that moment.
 */
export interface LoginStore {
  find(query: LoginQuery, now: Date): Promise<LoginState | undefined>
  grant(grant: LoginGrant, now: Date, events: readonly Event[]): Promise<LoginReason | undefined>
  strike(key: LockoutKeys, policy: LockoutPolicy, now: Date, events: StrikeEvents): Promise<Struck>
}
