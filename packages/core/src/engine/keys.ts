import type { RootKey } from '../lib/root-key.ts'
import { open, seal } from '../lib/seal.ts'
import type { JsonWebKey, SigningAlgorithm, Verify } from '../lib/signing-key.ts'
import {
  generateSigningKey,
  importSigningKey,
  importVerifyingKey,
  toJwksEntry,
} from '../lib/signing-key.ts'
import { ENGINE } from '../model/actor.ts'
import type { KeyStore, StoredSigningKey } from '../ports/key-store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Signer } from '../ports/signer.ts'
import type { Clock } from './clock.ts'
import type { Stamp } from './stamp.ts'

/** A key that tokens can be checked with. */
export interface VerifyingKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly verify: Verify
}

/** The public keys of a deployment (RFC 7517 section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[]
}

/** What signs and checks access tokens. */
export interface Keys {
  signer(): Promise<Signer>
  /** The key of this exact `kid`, or undefined: an absent key is a refusal, never a default. */
  find(kid: string): Promise<VerifyingKey | undefined>
  jwks(): Promise<JsonWebKeySet>
}

interface Needed {
  readonly keys: KeyStore
  readonly rootKeys: readonly [RootKey, ...RootKey[]]
  readonly clock: Clock
  readonly stamp: Stamp
  readonly runtime: Pick<Runtime, 'random'>
}

interface Ring {
  readonly signer: Signer
  readonly byKid: ReadonlyMap<string, VerifyingKey>
}

const ALGORITHM: SigningAlgorithm = 'EdDSA'

/** Creates the key of a deployment: the host's own signer, or one that the first node to need it makes and stores. */
export function createKeys(parts: Needed, hostSigner: Signer | undefined): Keys {
  let ring: Promise<Ring> | undefined

  /** Loads once for everybody who waits; a failure is forgotten, so that the next caller tries again. */
  function load(): Promise<Ring> {
    ring ??= toRing(hostSigner ?? storedSigner(parts)).catch((error: unknown) => {
      ring = undefined
      throw error
    })
    return ring
  }

  return {
    signer: async () => (await load()).signer,
    find: async (kid) => (await load()).byKid.get(kid),
    jwks: async () => {
      const { publicKey, kid, algorithm } = (await load()).signer
      return { keys: [toJwksEntry(publicKey, kid, algorithm)] }
    },
  }
}

async function toRing(loading: Signer | Promise<Signer>): Promise<Ring> {
  const signer = await loading
  const { kid, algorithm, publicKey } = signer
  const verify = await importVerifyingKey(publicKey, algorithm)
  return { signer, byKid: new Map([[kid, { kid, algorithm, verify }]]) }
}

async function storedSigner(parts: Needed): Promise<Signer> {
  const [standing] = await parts.keys.list()
  const { kid, algorithm, publicKey, sealed } = standing ?? (await insertFirstKey(parts))
  const opened = await open(parts.rootKeys, sealed, sealContext(kid))
  if (opened === undefined)
    throw new Error('No root key opens the stored signing key; was a root key taken away?')
  return { kid, algorithm, publicKey, sign: await importSigningKey(opened, algorithm) }
}

async function insertFirstKey(parts: Needed): Promise<StoredSigningKey> {
  const { keys, rootKeys, clock, stamp, runtime } = parts
  const { kid, publicKey, privateKey } = await generateSigningKey(ALGORITHM)
  const sealed = await seal(rootKeys[0], privateKey, sealContext(kid), runtime.random)
  const key = { kid, algorithm: ALGORITHM, publicKey, sealed, createdAt: clock.now() }
  const target = { kind: 'signing_key', id: kid } as const
  return keys.ensure(key, [stamp({ type: 'signing_key.created', actor: ENGINE, target })])
}

function sealContext(kid: string): readonly string[] {
  return ['signing_key', kid]
}
