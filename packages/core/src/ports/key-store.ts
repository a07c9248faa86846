import type { Event } from '../model/event.ts'
import type { SigningKey } from '../model/signing-key.ts'

/** A signing key at rest: its private half is sealed by a root key, which the seal names. */
export interface StoredSigningKey extends SigningKey {
  readonly sealed: string
}

/** All signing keys of a deployment, at one revision. */
export interface StoredKeyRing {
  readonly revision: number
  /** By the instant that each begins to sign. */
  readonly keys: readonly StoredSigningKey[]
}

/** One step of rotation: a new key that supersedes the newest one. */
export interface Succession {
  /** The key that is superseded, if it is still the newest. */
  readonly kid: string
  readonly successor: StoredSigningKey
  /** When the superseded key retires. */
  readonly retiresAt: Date
}

/** A new seal for a key that is already there. */
export interface Resealing {
  readonly kid: string
  /** The seal that was opened; another one is left alone. */
  readonly from: string
  readonly to: string
}

/**
 * Keeps the signing keys of a deployment.
 *
 * 1. `ensure` MUST store the key only if there is none, and answer the one that stands; however many nodes call at
 *    once, all get the same.
 * 2. `succeed` MUST add the successor and supersede the newest key in one step, and answer false and change nothing
 *    where another key is the newest by now.
 * 3. `reseal` MUST change the seal only while it is the one that was opened.
 * 4. `remove` MUST answer false where there is no such key.
 * 5. The revision MUST rise with each `ensure`, `succeed` and `remove` that changed something, and with each sweep of a
 *    retired key; a standing that is answered afterwards MUST carry it.
 */
export interface KeyStore {
  ensure(key: StoredSigningKey, events: readonly Event[]): Promise<StoredSigningKey>
  list(): Promise<StoredKeyRing>
  succeed(succession: Succession, events: readonly Event[]): Promise<boolean>
  reseal(resealing: Resealing): Promise<boolean>
  remove(kid: string, events: readonly Event[]): Promise<boolean>
}
