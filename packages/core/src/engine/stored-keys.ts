import type { RootKey } from '../lib/root-key.ts'
import { open, seal } from '../lib/seal.ts'
import type { SigningAlgorithm } from '../lib/signing-key.ts'
import { generateSigningKey, importKeyPair } from '../lib/signing-key.ts'
import type { StoredSigningKey } from '../ports/key-store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Signer } from '../ports/signer.ts'
import type { VerifyingKey } from './keys.ts'

/** What opens and seals the private halves of signing keys. */
export interface KeySafe {
  readonly rootKeys: readonly [RootKey, ...RootKey[]]
  readonly runtime: Pick<Runtime, 'random'>
}

/** A signing key that was opened: it signs, and it checks. */
export interface OpenedKey extends VerifyingKey {
  readonly stored: StoredSigningKey
  readonly signer: Signer
}

/** Makes a signing key that begins to sign at `activeFrom`, its private half sealed by the newest root key. */
export async function makeStoredKey(
  { rootKeys, runtime }: KeySafe,
  algorithm: SigningAlgorithm,
  { createdAt, activeFrom }: Pick<StoredSigningKey, 'createdAt' | 'activeFrom'>,
): Promise<StoredSigningKey> {
  const { kid, privateKey } = await generateSigningKey(algorithm, runtime.random)
  const sealed = await seal(rootKeys[0], privateKey, contextOf(kid), runtime.random)
  return { kid, algorithm, createdAt, activeFrom, sealed }
}

/**
 * Opens a signing key. Its public half is taken from the sealed private one, so that nobody who can write to the storage
 * can put another key in its place.
 */
export async function openStoredKey(
  { rootKeys }: KeySafe,
  stored: StoredSigningKey,
): Promise<OpenedKey> {
  const { kid, algorithm, sealed } = stored
  const opened = await open(rootKeys, sealed, contextOf(kid))
  if (opened === undefined)
    throw new Error('No root key opens a signing key; was a root key taken away?')
  const { sign, verify, publicKey } = await importKeyPair(opened, algorithm)
  const signer = { kid, algorithm, sign, ...(publicKey !== undefined && { publicKey }) }
  return { stored, kid, algorithm, verify, signer }
}

/** Seals a signing key by the newest root key, if an older one holds it. */
export async function resealStoredKey(
  { rootKeys, runtime }: KeySafe,
  { kid, sealed }: StoredSigningKey,
): Promise<string | undefined> {
  if (rootKeyOf(sealed) === rootKeys[0].id) return undefined
  const opened = await open(rootKeys, sealed, contextOf(kid))
  return opened === undefined
    ? undefined
    : seal(rootKeys[0], opened, contextOf(kid), runtime.random)
}

/** The id of the root key that a seal names. */
export function rootKeyOf(sealed: string): string {
  return sealed.split('.')[1] ?? ''
}

function contextOf(kid: string): readonly string[] {
  return ['signing_key', kid]
}
