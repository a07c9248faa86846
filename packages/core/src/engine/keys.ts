import { unavailable } from '../errors.ts'
import type { JsonWebKey, SigningAlgorithm, Verify } from '../lib/signing-key.ts'
import { importVerifyingKey, toJwksEntry } from '../lib/signing-key.ts'
import type { Signer } from '../ports/signer.ts'

/** A key that tokens can be checked with. */
export interface VerifyingKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly verify: Verify
}

/** The public keys of a deployment (RFC 7517 section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[]
}

/** What signs and checks access tokens. */
export interface Keys {
  /** The key that signs at this instant. */
  signer(): Promise<Signer>
  /** The key of this exact `kid`, or undefined: an absent key is a refusal, never a default. */
  find(kid: string): VerifyingKey | undefined | Promise<VerifyingKey | undefined>
  jwks(): Promise<JsonWebKeySet>
  /** Reads the keys again if the authority's are of another revision; answers whether it did. */
  follow(revision: number): boolean | Promise<boolean>
  /** Forgets the keys, because this node changed them. */
  forget(): void
}

/** Creates the keys of a host that signs by itself: a KMS, one key. Rotation is the host's. */
export function createHostKeys(signer: Signer): Keys {
  const { kid, algorithm, publicKey } = signer
  if (publicKey === undefined)
    throw new TypeError('signer must have the public key that checks what it signs')
  const guarded: Signer = { kid, algorithm, publicKey, sign: (data) => signGuarded(signer, data) }
  let key: Promise<VerifyingKey> | undefined

  async function load(): Promise<VerifyingKey> {
    return { kid, algorithm, verify: await importVerifyingKey(publicKey as JsonWebKey, algorithm) }
  }

  return {
    signer: async () => guarded,
    find(wanted) {
      if (wanted !== kid) return undefined
      key ??= load()
      return key
    },
    // A symmetric key has no half to show.
    jwks: async () => ({
      keys: algorithm === 'HS256' ? [] : [toJwksEntry(publicKey, kid, algorithm)],
    }),
    follow: () => false,
    forget: () => undefined,
  }
}

/** A KMS that is away sends no workload back to its login. */
async function signGuarded(signer: Signer, data: Uint8Array): Promise<Uint8Array> {
  try {
    return await signer.sign(data)
  } catch (error) {
    throw unavailable(error)
  }
}
