import { parseJwt } from './jwt.ts'
import type { JsonWebKey, SigningAlgorithm } from './signing-key.ts'
import { thumbprintOf } from './signing-key.ts'

/** A proof in the form of RFC 9449 section 4.2; nothing about it is proved. */
export interface ParsedProof {
  readonly algorithm: SigningAlgorithm
  readonly publicKey: JsonWebKey
  /** The RFC 7638 thumbprint of its key. */
  readonly thumbprint: string
  readonly jti: string
  readonly htm: string
  readonly htu: string
  /** Whole seconds. */
  readonly iat: number
  /** What names the access token that it was made for. */
  readonly ath?: string
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** The algorithms that proofs may be signed with, as their headers name them (RFC 7518, RFC 8037, RFC 9864). */
export const PROOF_ALGORITHMS: readonly string[] = ['ES256', 'EdDSA', 'Ed25519', 'RS256']

/** Takes a proof apart; `undefined` unless everything that must be there is, and nothing that must not. */
export function parseProof(text: string): ParsedProof | undefined {
  const parsed = parseJwt(text)
  if (parsed === undefined) return undefined
  const { header, claims, signed, signature } = parsed
  const algorithm = readAlgorithm(header['alg'])
  const publicKey = readPublicKey(header['jwk'])
  if (header['typ'] !== 'dpop+jwt' || 'crit' in header) return undefined
  if (algorithm === undefined || publicKey === undefined) return undefined
  const { jti, htm, htu, iat, ath } = claims
  if (!isText(jti) || !isText(htm) || !isText(htu)) return undefined
  if (typeof iat !== 'number' || (ath !== undefined && !isText(ath))) return undefined
  return {
    ...{ algorithm, publicKey, signed, signature, jti, htm, htu },
    thumbprint: thumbprintOf(publicKey),
    iat: Math.floor(iat),
    ...(ath !== undefined && { ath }),
  }
}

/** Tells whether two URLs name the same place: without query and fragment, in the normal form of RFC 3986 section 6.2. */
export function isSamePlace(one: string, other: string): boolean {
  const [first, second] = [one, other].map(toPlace)
  return first !== undefined && first === second
}

const LONGEST = 2048

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST
}

function readAlgorithm(alg: unknown): SigningAlgorithm | undefined {
  if (typeof alg !== 'string' || !PROOF_ALGORITHMS.includes(alg)) return undefined
  return alg === 'Ed25519' ? 'EdDSA' : (alg as SigningAlgorithm)
}

/** The members of every private or symmetric key (RFC 7518 section 6): a proof that has one gave its key away. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** 4096 bits, base64url: checking by a longer key costs more than a stranger may ask for. */
const LONGEST_MODULUS = 683

const SMALL_EXPONENT = 'AQAB'

function readPublicKey(jwk: unknown): JsonWebKey | undefined {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return undefined
  if (PRIVATE.some((member) => Object.hasOwn(jwk, member))) return undefined
  const { kty, crv, x, y, n, e } = jwk as JsonWebKey
  if (kty === 'OKP' && isText(crv) && isText(x)) return { kty, crv, x }
  if (kty === 'EC' && isText(crv) && isText(x) && isText(y)) return { kty, crv, x, y }
  if (kty !== 'RSA' || e !== SMALL_EXPONENT || !isText(n) || n.length > LONGEST_MODULUS)
    return undefined
  return { kty, n, e }
}

function toPlace(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, host, pathname, username, password } = new URL(text)
  if (username !== '' || password !== '') return undefined
  return `${protocol}//${host}${pathname.replace(/%[0-9a-f]{2}/gi, toNormalEscape)}`
}

function toNormalEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
}
