/** Algorithms that foreign tokens may be signed with. Asymmetric ones alone: a shared secret proves no issuer. */
export type JwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'

const RSA: readonly JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** What a key of each kind can check: for RSA and OKP by `kty`, for EC by curve. */
const FITTING: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  RSA,
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
}

/** All of them. */
export const JWT_ALGORITHMS: readonly JwtAlgorithm[] = Object.values(FITTING).flat()

/** What a token may be signed with where nothing else is said: what issuers of workload tokens use. */
export const USUAL_ALGORITHMS: readonly JwtAlgorithm[] = ['RS256', 'ES256', 'EdDSA', 'Ed25519']

/** Tells whether a word names an algorithm that foreign tokens may be signed with. */
export function isJwtAlgorithm(word: unknown): word is JwtAlgorithm {
  return (JWT_ALGORITHMS as readonly unknown[]).includes(word)
}

/** The algorithms that a key is good for, by its own kind and by what it says of itself. */
export function algorithmsOf(jwk: Readonly<Record<string, unknown>>): readonly JwtAlgorithm[] {
  const { kty, crv, alg } = jwk
  const kind = kty === 'RSA' ? 'RSA' : `${String(kty)} ${String(crv)}`
  const fitting = Object.hasOwn(FITTING, kind) ? (FITTING[kind] ?? []) : []
  return alg === undefined ? fitting : fitting.filter((algorithm) => algorithm === alg)
}
