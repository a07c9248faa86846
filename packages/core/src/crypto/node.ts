import type { KeyObject } from 'node:crypto'
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  generateKeyPairSync,
  hash,
  hkdfSync,
  randomFillSync,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import { assertAesGcmInputs, TAG_LENGTH } from './aes.ts'
import { toSigningMaterial, toVerifyingMaterial } from './jwk.ts'
import type { JsonWebKey, MaybePromise, Sign, SigningAlgorithm, Verify } from './types.ts'

export { toPublicJwk } from './jwk.ts'
export type { JsonWebKey, MaybePromise, Sign, SigningAlgorithm, Verify } from './types.ts'

/** Hashes bytes, or the UTF-8 form of a text, with SHA-256. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return asBytes(hash('sha256', data, 'buffer'))
}

/** Hashes the UTF-8 form of a text with SHA-256, and answers one character a byte. */
export function sha256Text(text: string): string {
  return hash('sha256', text, 'binary')
}

/** Answers the HMAC-SHA-256 (RFC 2104) of bytes, or of the UTF-8 form of a text. */
export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return asBytes(createHmac('sha256', key).update(data).digest())
}

/** Derives `length` bytes by HKDF-SHA-256 (RFC 5869); `info` goes in as UTF-8. */
export function hkdfSha256(
  key: Uint8Array,
  info: string,
  length: number,
  salt: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, info, length))
}

/** Compares in a time that depends on the lengths alone; unequal lengths are unequal bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Draws bytes from the system's secure source. */
export function randomBytes(size: number): Uint8Array {
  return randomFillSync(new Uint8Array(size))
}

/** Encrypts with AES-256-GCM and answers ciphertext followed by tag. */
export function sealAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): MaybePromise<Uint8Array> {
  assertAesGcmInputs(key, iv)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH }).setAAD(aad)
  return asBytes(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
}

/** Decrypts what `sealAesGcm` made; `undefined` unless key, nonce, data and tag belong together. */
export function openAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): MaybePromise<Uint8Array | undefined> {
  assertAesGcmInputs(key, iv)
  if (sealed.length < TAG_LENGTH) return undefined
  const end = sealed.length - TAG_LENGTH
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH })
  decipher.setAAD(aad).setAuthTag(sealed.subarray(end))
  const plaintext = decipher.update(sealed.subarray(0, end))
  try {
    decipher.final()
    return asBytes(plaintext)
  } catch {
    return undefined
  }
}

/** Makes a new private key, or MAC key, that fits the algorithm. */
export function generateSigningJwk(algorithm: SigningAlgorithm): MaybePromise<JsonWebKey> {
  switch (algorithm) {
    case 'EdDSA':
      return exportKey(generateKeyPairSync('ed25519').privateKey)
    case 'ES256':
      return exportKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    case 'RS256':
      return generateRsaJwk()
    case 'HS256':
      return exportKey(createSecretKey(randomBytes(32)))
  }
}

/** Makes a signer out of a private JWK; throws a `TypeError` unless the key fits the algorithm. */
export function createSign(
  privateJwk: JsonWebKey,
  algorithm: SigningAlgorithm,
): MaybePromise<Sign> {
  const material = toSigningMaterial(privateJwk, algorithm)
  if (algorithm === 'HS256') return createMac(material)
  const key = importKey(() => createPrivateKey({ key: { ...material }, format: 'jwk' }))
  return nodeSigners[algorithm](key)
}

/** Makes a verifier out of a JWK; throws a `TypeError` unless the key fits the algorithm. */
export function createVerify(jwk: JsonWebKey, algorithm: SigningAlgorithm): MaybePromise<Verify> {
  const material = toVerifyingMaterial(jwk, algorithm)
  if (algorithm === 'HS256') {
    const mac = createMac(material)
    return (data, signature) => equalBytes(mac(data), signature)
  }
  const key = importKey(() => createPublicKey({ key: { ...material }, format: 'jwk' }))
  const check = nodeVerifiers[algorithm](key)
  return (data, signature) => {
    try {
      return check(data, signature)
    } catch {
      return false
    }
  }
}

type Asymmetric = Exclude<SigningAlgorithm, 'HS256'>

const nodeSigners: Readonly<Record<Asymmetric, (key: KeyObject) => Sign>> = {
  EdDSA: (key) => (data) => asBytes(sign(null, data, key)),
  ES256: (key) => {
    const form = { key, dsaEncoding: 'ieee-p1363' } as const
    return (data) => asBytes(sign('sha256', data, form))
  },
  RS256: (key) => (data) => asBytes(sign('sha256', data, key)),
}

const nodeVerifiers: Readonly<
  Record<Asymmetric, (key: KeyObject) => (data: Uint8Array, signature: Uint8Array) => boolean>
> = {
  EdDSA: (key) => (data, signature) => verify(null, data, key, signature),
  ES256: (key) => {
    const form = { key, dsaEncoding: 'ieee-p1363' } as const
    return (data, signature) => signature.length === 64 && verify('sha256', data, form, signature)
  },
  RS256: (key) => (data, signature) => verify('sha256', data, key, signature),
}

function createMac(material: JsonWebKey): (data: Uint8Array) => Uint8Array {
  const key = importKey(() => createSecretKey(Buffer.from(material.k ?? '', 'base64url')))
  return (data) => asBytes(createHmac('sha256', key).update(data).digest())
}

/** The platform's own error could name what it read, so it is not passed on. */
function importKey(read: () => KeyObject): KeyObject {
  try {
    return read()
  } catch {
    throw new TypeError('The key could not be read')
  }
}

/** RSA generation takes long enough to stall the process, so it alone runs on the thread pool. */
async function generateRsaJwk(): Promise<JsonWebKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return exportKey(privateKey)
}

function exportKey(key: KeyObject): JsonWebKey {
  return { ...key.export({ format: 'jwk' }) }
}

/** Both builds answer plain `Uint8Array`s: a `Buffer` slices, prints and compares differently. */
function asBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
