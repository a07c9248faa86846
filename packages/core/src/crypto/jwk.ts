import type { JsonWebKey, SigningAlgorithm } from './types.ts'

/**
 * Copies the public members of an asymmetric key, by allow-list.
 *
 * Throws a `TypeError` for a symmetric or unknown kind of key: it has no public half.
 */
export function toPublicJwk(jwk: JsonWebKey): JsonWebKey {
  const material = publicMembers.get(jwk.kty ?? '')
  if (!material) throw new TypeError('This kind of key has no public half')
  return { ...pick(jwk, material, 'required'), ...pick(jwk, ['kid', 'alg', 'use'], 'optional') }
}

/** Copies exactly the members that sign with the algorithm; throws a `TypeError` unless the key fits it. */
export function toSigningMaterial(jwk: JsonWebKey, algorithm: SigningAlgorithm): JsonWebKey {
  assertFits(jwk, algorithm)
  return pick(jwk, privateMembers[algorithm], 'required')
}

/** Copies exactly the members that verify with the algorithm; throws a `TypeError` unless the key fits it. */
export function toVerifyingMaterial(jwk: JsonWebKey, algorithm: SigningAlgorithm): JsonWebKey {
  assertFits(jwk, algorithm)
  if (algorithm === 'HS256') return pick(jwk, ['kty', 'k'], 'required')
  return pick(jwk, publicMembers.get(jwk.kty ?? '') ?? [], 'required')
}

const publicMembers: ReadonlyMap<string, readonly string[]> = new Map([
  ['OKP', ['kty', 'crv', 'x']],
  ['EC', ['kty', 'crv', 'x', 'y']],
  ['RSA', ['kty', 'n', 'e']],
])

const privateMembers: Readonly<Record<SigningAlgorithm, readonly string[]>> = {
  EdDSA: ['kty', 'crv', 'x', 'd'],
  ES256: ['kty', 'crv', 'x', 'y', 'd'],
  RS256: ['kty', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
  HS256: ['kty', 'k'],
}

const shapes: Readonly<Record<SigningAlgorithm, { readonly kty: string; readonly crv?: string }>> =
  {
    EdDSA: { kty: 'OKP', crv: 'Ed25519' },
    ES256: { kty: 'EC', crv: 'P-256' },
    RS256: { kty: 'RSA' },
    HS256: { kty: 'oct' },
  }

/** Base64url lengths of 2048 bits (RFC 7518, 3.3) and of 256 bits (RFC 7518, 3.2). */
const MIN_MODULUS_LENGTH = 342
const MIN_MAC_KEY_LENGTH = 43

function assertFits(jwk: JsonWebKey, algorithm: SigningAlgorithm): void {
  const { kty, crv } = shapes[algorithm] ?? refuseAlgorithm()
  if (jwk.kty !== kty) throw new TypeError('The type of the key does not fit the algorithm')
  if (crv !== undefined && jwk.crv !== crv)
    throw new TypeError('The curve of the key does not fit the algorithm')
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new TypeError('The key is not for signing')
  if (!namesAlgorithm(jwk.alg, algorithm)) throw new TypeError('The key is for another algorithm')
  if (kty === 'RSA' && lengthOf(jwk.n) < MIN_MODULUS_LENGTH)
    throw new TypeError('An RSA key needs at least 2048 bits')
  if (kty === 'oct' && lengthOf(jwk.k) < MIN_MAC_KEY_LENGTH)
    throw new TypeError('A MAC key needs at least 256 bits')
}

function refuseAlgorithm(): never {
  throw new TypeError('The algorithm is not supported')
}

/** RFC 9864 renames EdDSA with this curve to Ed25519; both spellings mean the same key. */
function namesAlgorithm(named: string | undefined, algorithm: SigningAlgorithm): boolean {
  return (
    named === undefined || named === algorithm || (algorithm === 'EdDSA' && named === 'Ed25519')
  )
}

function lengthOf(member: unknown): number {
  return typeof member === 'string' ? member.length : 0
}

function pick(
  jwk: JsonWebKey,
  members: readonly string[],
  presence: 'required' | 'optional',
): JsonWebKey {
  const present = members.filter((member) => typeof jwk[member] === 'string')
  if (presence === 'required' && present.length < members.length)
    throw new TypeError('The key lacks a member')
  return Object.fromEntries(present.map((member) => [member, jwk[member]]))
}
