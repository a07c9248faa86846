import type { JsonWebKey, MaybePromise, SigningAlgorithm } from '../crypto/types.ts'

/**
 * What signs access tokens: a key of ours, or a host's own (a KMS).
 *
 * 1. `sign` MUST answer the JWS signature (RFC 7515) of `data` by `algorithm`, in the raw form of RFC 7518.
 * 2. `publicKey` MUST verify it, and MUST NOT hold a private member.
 * 3. `kid` MUST stay the same for the same key.
 */
export interface Signer {
  readonly algorithm: SigningAlgorithm
  readonly kid: string
  /** Absent for a symmetric key, which nobody else may have. */
  readonly publicKey?: JsonWebKey
  sign(data: Uint8Array): MaybePromise<Uint8Array>
}
