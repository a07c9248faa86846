import type { KeyObject } from 'node:crypto'
import {
  createHmac,
  createPublicKey,
  createSecretKey,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { Countersign, SigningAlgorithm } from '@countersign/core'

/** The claims that the peers look at. */
export interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly exp: number
  readonly gen: number
}

/** Checks a signature with the platform alone. */
export type RawVerify = (signed: Buffer, key: KeyObject, signature: Buffer) => boolean

/** How each algorithm is checked with a key object that was made once. */
export const rawVerifiers: Readonly<Record<SigningAlgorithm, RawVerify>> = {
  EdDSA: (signed, key, signature) => verify(null, signed, key, signature),
  ES256: (signed, key, signature) =>
    verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature),
  RS256: (signed, key, signature) => verify('sha256', signed, key, signature),
  HS256: (signed, key, signature) => {
    const expected = createHmac('sha256', key).update(signed).digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  },
}

/** Signs with the platform alone. */
export type RawSign = (input: Buffer, key: KeyObject) => Buffer

/** How each algorithm signs with a key object that was made once. */
export const rawSigners: Readonly<Record<SigningAlgorithm, RawSign>> = {
  EdDSA: (input, key) => sign(null, input, key),
  ES256: (input, key) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (input, key) => sign('sha256', input, key),
  HS256: (input, key) => createHmac('sha256', key).update(input).digest(),
}

/** The public key of an engine, for peers that check the same tokens. */
export async function publicKeyOf(countersign: Countersign): Promise<KeyObject> {
  const { keys } = await countersign.jwks()
  const [jwk] = keys
  if (jwk === undefined) throw new Error('The engine has no public key')
  return createPublicKey({ key: { ...jwk }, format: 'jwk' })
}

/** No engine hands out the key of its HS256 tokens: peers get the same tokens, signed again with this one. */
export const sharedSecret: KeyObject = createSecretKey(Buffer.alloc(32, 'not a secret'))

/** The same token with a signature of `sharedSecret`. */
export function signedAgain(token: string): string {
  const input = token.slice(0, token.lastIndexOf('.'))
  const mac = createHmac('sha256', sharedSecret).update(input).digest('base64url')
  return `${input}.${mac}`
}

/** Reads the claims of a token without any check. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

/** A token whose signature is one of nobody, and of no other token that was forged here. */
export function forge(token: string, serial: number): string {
  const dot = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(dot), 'base64url')
  signature.writeUInt32LE(serial, 4)
  return token.slice(0, dot) + signature.toString('base64url')
}
