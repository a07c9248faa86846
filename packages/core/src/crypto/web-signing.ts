import { toSigningMaterial, toVerifyingMaterial } from './jwk.ts'
import type { JsonWebKey, Sign, SigningAlgorithm, Verify } from './types.ts'

/** Makes a new private key, or MAC key, that fits the algorithm. */
export async function generateSigningJwk(algorithm: SigningAlgorithm): Promise<JsonWebKey> {
  const made = await subtle().generateKey(keyParameters[algorithm], true, ['sign', 'verify'])
  const key = 'privateKey' in made ? made.privateKey : made
  return toSigningMaterial({ ...(await subtle().exportKey('jwk', key)) }, algorithm)
}

/** Makes a signer out of a private JWK; rejects with a `TypeError` unless the key fits the algorithm. */
export async function createSign(
  privateJwk: JsonWebKey,
  algorithm: SigningAlgorithm,
): Promise<Sign> {
  const material = toSigningMaterial(privateJwk, algorithm)
  const key = await importKey(material, algorithm, 'sign')
  const parameters = signParameters[algorithm]
  return async (data) => new Uint8Array(await subtle().sign(parameters, key, data))
}

/** Makes a verifier out of a JWK; rejects with a `TypeError` unless the key fits the algorithm. */
export async function createVerify(jwk: JsonWebKey, algorithm: SigningAlgorithm): Promise<Verify> {
  const material = toVerifyingMaterial(jwk, algorithm)
  const key = await importKey(material, algorithm, 'verify')
  const parameters = signParameters[algorithm]
  return async (data, signature) => {
    try {
      return await subtle().verify(parameters, key, signature, data)
    } catch {
      return false
    }
  }
}

type Subtle = typeof globalThis.crypto.subtle
type Key = Awaited<ReturnType<Subtle['importKey']>>

const keyParameters = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  },
  HS256: { name: 'HMAC', hash: 'SHA-256', length: 256 },
} as const

const signParameters: Readonly<Record<SigningAlgorithm, { name: string; hash?: string }>> = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  HS256: { name: 'HMAC' },
}

/** RSA generation settings mean nothing on import, and HMAC takes its length from the key. */
const importParameters = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
} as const

/** The platform's own error could name what it read, so it is not passed on. */
async function importKey(
  material: JsonWebKey,
  algorithm: SigningAlgorithm,
  use: 'sign' | 'verify',
): Promise<Key> {
  try {
    const parameters = importParameters[algorithm]
    return await subtle().importKey('jwk', { ...material }, parameters, false, [use])
  } catch {
    throw new TypeError('The key could not be read')
  }
}

function subtle(): Subtle {
  return globalThis.crypto.subtle
}
