import { createPublicKey } from 'node:crypto'
import { fromBase64Url } from '@countersign/core/plugin'
import type { CryptoKey } from 'jose'
import { importJWK } from 'jose'
import type { JwtAlgorithm } from './algorithms.ts'
import { algorithmsOf } from './algorithms.ts'

/** The public key of an issuer, which knows what it may check. */
export interface PublicKey {
  readonly kid?: string
  readonly algorithms: readonly JwtAlgorithm[]
  /** When it checks nothing any more. */
  readonly notAfter?: Date
  /** The key for one of its algorithms; imported once. */
  readonly forAlgorithm: (algorithm: JwtAlgorithm) => Promise<CryptoKey>
}

/** A key as JSON (RFC 7517). */
export type Jwk = Readonly<Record<string, unknown>>

/** Says why a JWK is no public key that signatures are checked with, or nothing where it is one. */
export function refuseJwk(jwk: Jwk, uses: readonly string[] = ['sig']): string | undefined {
  if (PRIVATE.some((member) => Object.hasOwn(jwk, member))) return 'must not hold a private key'
  if (jwk['kty'] === 'oct') return 'must not be a shared secret'
  if (jwk['use'] !== undefined && !uses.includes(String(jwk['use'])))
    return 'must be for signatures'
  const operations = jwk['key_ops']
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'must be for verifying'
  if (algorithmsOf(jwk).length === 0) return 'must be of a known kind'
  if (jwk['kty'] === 'RSA') return refuseRsa(jwk)
  return isText(jwk['x']) && (jwk['kty'] === 'OKP' || isText(jwk['y']))
    ? undefined
    : 'must be complete'
}

/** Makes a key of a JWK that was not refused. */
export function toPublicKey(jwk: Jwk, notAfter?: Date): PublicKey {
  const imported = new Map<JwtAlgorithm, Promise<CryptoKey>>()
  const { kty, crv, n, e, x, y, kid } = jwk
  // Its own word about itself was heard; what else it says must not reach the import.
  const bare = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, ...(kty === 'EC' && { y }) }
  return {
    ...(typeof kid === 'string' && { kid }),
    ...(notAfter !== undefined && { notAfter }),
    algorithms: algorithmsOf(jwk),
    forAlgorithm(algorithm) {
      const known = imported.get(algorithm)
      if (known !== undefined) return known
      const key = importJWK(
        bare as Parameters<typeof importJWK>[0],
        algorithm,
      ) as Promise<CryptoKey>
      imported.set(algorithm, key)
      return key
    },
  }
}

/** Reads a public key in PEM (`PUBLIC KEY`, and nothing around it); the text says why it is refused. */
export function readPem(pem: string): Jwk | string {
  if (pem.length > LONGEST_PEM || !SPKI.test(pem)) return 'must be one public key in PEM'
  try {
    return createPublicKey(pem).export({ format: 'jwk' }) as Jwk
  } catch {
    return 'must be a public key of a known kind'
  }
}

const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const LONGEST_PEM = 4096
const SPKI =
  /^-----BEGIN PUBLIC KEY-----\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)+-----END PUBLIC KEY-----\s{0,2}$/

/** RFC 7518, 3.3: 2048 bits or more; and no more than a check can bear. */
function refuseRsa({ n, e }: Jwk): string | undefined {
  const modulus = typeof n === 'string' ? fromBase64Url(n) : undefined
  const exponent = typeof e === 'string' ? fromBase64Url(e) : undefined
  if (modulus === undefined || exponent === undefined) return 'must be complete'
  const size = bitsOf(modulus)
  if (size < 2048 || size > 8192) return 'must have 2048 to 8192 bits'
  const value = exponent.reduce((sum, byte) => sum * 256 + byte, 0)
  return exponent.length <= 5 && value >= 65_537 && value % 2 === 1
    ? undefined
    : 'must have an odd exponent of at least 65537'
}

function bitsOf(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
