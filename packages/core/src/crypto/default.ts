import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { assertAesGcmInputs, TAG_LENGTH } from './aes.ts'

export { toPublicJwk } from './jwk.ts'
export type { JsonWebKey, MaybePromise, Sign, SigningAlgorithm, Verify } from './types.ts'
export { createSign, createVerify, generateSigningJwk } from './web-signing.ts'

/** Hashes bytes, or the UTF-8 form of a text, with SHA-256. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return nobleSha256(encode(data))
}

/** Hashes the UTF-8 form of a text with SHA-256, and answers one character a byte. */
export function sha256Text(text: string): string {
  return String.fromCharCode(...sha256(text))
}

/** Answers the HMAC-SHA-256 (RFC 2104) of bytes, or of the UTF-8 form of a text. */
export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return hmac(nobleSha256, key, encode(data))
}

/** Derives `length` bytes by HKDF-SHA-256 (RFC 5869); `info` goes in as UTF-8. */
export function hkdfSha256(
  key: Uint8Array,
  info: string,
  length: number,
  salt: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return hkdf(nobleSha256, key, salt, encode(info), length)
}

/** Compares in a time that depends on the lengths alone; unequal lengths are unequal bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0)
  return difference === 0
}

/** Draws bytes from the system's secure source. */
export function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let start = 0; start < size; start += MAX_DRAW)
    globalThis.crypto.getRandomValues(bytes.subarray(start, start + MAX_DRAW))
  return bytes
}

/** Encrypts with AES-256-GCM and answers ciphertext followed by tag. */
export async function sealAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array> {
  assertAesGcmInputs(key, iv)
  const aesKey = await importAesKey(key, 'encrypt')
  const sealed = await subtle().encrypt(aesGcm(iv, aad), aesKey, plaintext)
  return new Uint8Array(sealed)
}

/** Decrypts what `sealAesGcm` made; `undefined` unless key, nonce, data and tag belong together. */
export async function openAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array | undefined> {
  assertAesGcmInputs(key, iv)
  if (sealed.length < TAG_LENGTH) return undefined
  const aesKey = await importAesKey(key, 'decrypt')
  try {
    return new Uint8Array(await subtle().decrypt(aesGcm(iv, aad), aesKey, sealed))
  } catch {
    return undefined
  }
}

/** WebCrypto refuses to draw more at once. */
const MAX_DRAW = 65_536

function encode(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? new TextEncoder().encode(data) : data
}

function subtle(): typeof globalThis.crypto.subtle {
  return globalThis.crypto.subtle
}

function aesGcm(iv: Uint8Array, aad: Uint8Array) {
  return { name: 'AES-GCM', iv, additionalData: aad, tagLength: TAG_LENGTH * 8 }
}

function importAesKey(key: Uint8Array, use: 'encrypt' | 'decrypt') {
  return subtle().importKey('raw', key, 'AES-GCM', false, [use])
}
