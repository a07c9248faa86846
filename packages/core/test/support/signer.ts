import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { JsonWebKey } from '../../src/crypto/types.ts'
import type { Signer } from '../../src/ports/signer.ts'

/** A signer of the host's, whose key a test can also sign its own ideas with. */
export interface TestSigner extends Signer {
  readonly publicKey: JsonWebKey
  readonly privateKey: KeyObject
}

/** Creates an Ed25519 signer. */
export function aSigner(kid = 'test-key'): TestSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { crv, kty, x } = publicKey.export({ format: 'jwk' })
  return {
    algorithm: 'EdDSA',
    kid,
    publicKey: { crv, kty, x } as JsonWebKey,
    privateKey,
    sign: (data) => new Uint8Array(sign(null, data, privateKey)),
  }
}
