import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** What a fake issuer signs with. */
export type FakeAlgorithm = 'RS256' | 'RS512' | 'PS256' | 'PS512' | 'ES256' | 'EdDSA'

/** A key of a fake issuer. */
export interface FakeKey {
  readonly kid: string
  readonly algorithm: FakeAlgorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** What the issuer publishes of it. */
  readonly jwk: JsonWebKey & { readonly kid: string; readonly alg?: string; readonly use?: string }
}

/** Makes a key. */
export function fakeKey(
  algorithm: FakeAlgorithm = 'ES256',
  {
    kid = randomBytes(6).toString('hex'),
    bits = 2048,
  }: { readonly kid?: string; readonly bits?: number } = {},
): FakeKey {
  const { privateKey, publicKey } = pairOf(algorithm, bits)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
  return Object.freeze({ kid, algorithm, privateKey, publicKey, jwk })
}

/** Signs what a header and a payload say, whatever that is; a text stands for JSON that is written as it is. */
export function signJwt(key: FakeKey, header: object | string, payload: object | string): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signatureOf(key, input).toString('base64url')}`
}

/** Signs with a shared secret, as an attacker does who takes a public key for one. */
export function signHmac(secret: string, header: object, payload: object): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Writes a token without a signature. */
export function unsignedJwt(header: object, payload: object, signature = ''): string {
  return `${encode(header)}.${encode(payload)}.${signature}`
}

function pairOf(algorithm: FakeAlgorithm, modulusLength: number) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength })
}

function signatureOf({ algorithm, privateKey: key }: FakeKey, text: string): Buffer {
  const input = Buffer.from(text)
  const hash = `sha${algorithm.slice(2)}`
  if (algorithm === 'EdDSA') return sign(null, input, key)
  if (algorithm === 'ES256') return sign(hash, input, { key, dsaEncoding: 'ieee-p1363' })
  if (algorithm.startsWith('RS')) return sign(hash, input, key)
  return sign(hash, input, { key, padding: PSS, saltLength: Number(algorithm.slice(2)) / 8 })
}

/** RSA_PKCS1_PSS_PADDING */
const PSS = 6

function encode(part: object | string): string {
  const text = typeof part === 'string' ? part : JSON.stringify(part)
  return Buffer.from(text).toString('base64url')
}
