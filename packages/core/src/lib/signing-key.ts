import { createSign, createVerify, generateSigningJwk, sha256, toPublicJwk } from '#crypto'
import type { JsonWebKey, Sign, SigningAlgorithm, Verify } from '../crypto/types.ts'
import { fromUtf8, toBase64Url, toUtf8 } from './bytes.ts'
import { toCanonicalJson } from './canonical-json.ts'
import type { Random } from './ids.ts'
import { mintNonce } from './ids.ts'

export type { JsonWebKey, Sign, SigningAlgorithm, Verify } from '../crypto/types.ts'

/** A fresh signing key; the private half is text that is about to be sealed. */
export interface NewSigningKey {
  readonly kid: string
  readonly privateKey: Uint8Array
}

/** Makes a signing key, named by its RFC 7638 thumbprint, or by chance where it is symmetric. */
export async function generateSigningKey(
  algorithm: SigningAlgorithm,
  random: Random,
): Promise<NewSigningKey> {
  const jwk = await generateSigningJwk(algorithm)
  const kid = algorithm === 'HS256' ? mintNonce(random) : thumbprintOf(toPublicJwk(jwk))
  return { kid, privateKey: toUtf8(JSON.stringify(jwk)) }
}

/** Both halves of a signing key at work. */
export interface KeyPair {
  readonly sign: Sign
  readonly verify: Verify
  /** Absent for a symmetric key. */
  readonly publicKey?: JsonWebKey
}

/** Reads the private half of a signing key, which tells the public one; throws where it is none. */
export async function importKeyPair(
  privateKey: Uint8Array,
  algorithm: SigningAlgorithm,
): Promise<KeyPair> {
  const jwk: JsonWebKey = JSON.parse(fromUtf8(privateKey) ?? '')
  const sign = await createSign(jwk, algorithm)
  if (algorithm === 'HS256') return { sign, verify: await createVerify(jwk, algorithm) }
  const publicKey = toPublicJwk(jwk)
  return { sign, verify: await createVerify(publicKey, algorithm), publicKey }
}

/** Reads a public key; throws where its type does not fit the algorithm. */
export async function importVerifyingKey(
  publicKey: JsonWebKey,
  algorithm: SigningAlgorithm,
): Promise<Verify> {
  return createVerify(publicKey, algorithm)
}

/** The entry of a public key in a JWK set (RFC 7517): public members only. */
export function toJwksEntry(
  publicKey: JsonWebKey,
  kid: string,
  algorithm: SigningAlgorithm,
): JsonWebKey {
  return { ...toPublicJwk(publicKey), kid, alg: algorithm, use: 'sig' }
}

/** The members that a thumbprint is over, by key type (RFC 7638 section 3.2, RFC 8037 section 2). */
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  OKP: ['crv', 'kty', 'x'],
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
}

/** The RFC 7638 thumbprint of a public key. */
export function thumbprintOf(publicKey: JsonWebKey): string {
  const members = THUMBPRINT_MEMBERS[publicKey.kty ?? ''] ?? []
  const entries = Object.entries(publicKey).filter(([name]) => members.includes(name))
  return toBase64Url(sha256(toCanonicalJson(Object.fromEntries(entries))))
}
