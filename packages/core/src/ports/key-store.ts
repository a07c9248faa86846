import type { JsonWebKey, SigningAlgorithm } from '../crypto/types.ts'
import type { Event } from '../model/event.ts'

/** A signing key at rest: its private half is sealed by a root key. */
export interface StoredSigningKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly publicKey: JsonWebKey
  readonly sealed: string
  readonly createdAt: Date
}

/**
 * Keeps the signing keys of a deployment.
 *
 * 1. `ensure` MUST store the key only if there is none, and answer the one that stands; however many nodes call at
 *    once, all get the same.
 */
export interface KeyStore {
  ensure(key: StoredSigningKey, events: readonly Event[]): Promise<StoredSigningKey>
  list(): Promise<readonly StoredSigningKey[]>
}
