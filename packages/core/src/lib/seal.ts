import { hkdfSha256, openAesGcm, sealAesGcm } from '#crypto'
import { drawExactly } from './base62.ts'
import { concatBytes, fromBase64Url, toBase64Url, toUtf8 } from './bytes.ts'
import type { Random } from './ids.ts'
import { joinWithLengths } from './lengths.ts'
import type { RootKey } from './root-key.ts'

/**
 * Encrypts what must be read again, under a key of its own, bound to the place it is kept in.
 *
 * AES-256-GCM; the key comes by HKDF from the root key and a random salt, so no nonce ever meets the same key twice.
 */
export async function seal(
  key: RootKey,
  plaintext: Uint8Array,
  context: readonly string[],
  random: Random,
): Promise<string> {
  const salt = drawExactly(SALT_LENGTH, random)
  const iv = drawExactly(IV_LENGTH, random)
  const head = `${VERSION}.${key.id}`
  const rowKey = deriveRowKey(key, salt)
  const sealed = await sealAesGcm(rowKey, iv, plaintext, bindingOf(head, context))
  return `${head}.${toBase64Url(concatBytes(salt, iv, sealed))}`
}

/** Decrypts what was sealed; `undefined` unless its root key is among these and the context is the same. */
export async function open(
  keys: readonly RootKey[],
  sealed: string,
  context: readonly string[],
): Promise<Uint8Array | undefined> {
  const [version, id, body, ...rest] = sealed.split('.', 4)
  if (version !== VERSION || body === undefined || rest.length > 0) return undefined
  const key = keys.find((candidate) => candidate.id === id)
  const bytes = fromBase64Url(body)
  if (!key || !bytes || bytes.length < SALT_LENGTH + IV_LENGTH) return undefined
  const rowKey = deriveRowKey(key, bytes.subarray(0, SALT_LENGTH))
  const iv = bytes.subarray(SALT_LENGTH, SALT_LENGTH + IV_LENGTH)
  const ciphertext = bytes.subarray(SALT_LENGTH + IV_LENGTH)
  return openAesGcm(rowKey, iv, ciphertext, bindingOf(`${VERSION}.${key.id}`, context))
}

const VERSION = 'v1'
const SALT_LENGTH = 16
const IV_LENGTH = 12

function deriveRowKey(key: RootKey, salt: Uint8Array): Uint8Array {
  return hkdfSha256(key.sealingKey, 'seal/v1', 32, salt)
}

function bindingOf(head: string, context: readonly string[]): Uint8Array {
  return toUtf8(joinWithLengths([head, ...context]))
}
