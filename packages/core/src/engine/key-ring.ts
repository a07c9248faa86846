import { isCountersignError, unavailable } from '../errors.ts'
import type { SigningAlgorithm } from '../lib/signing-key.ts'
import { toJwksEntry } from '../lib/signing-key.ts'
import type { Seconds } from '../lib/time.ts'
import { later } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { KeyStore, StoredKeyRing } from '../ports/key-store.ts'
import type { Clock } from './clock.ts'
import type { Keys } from './keys.ts'
import type { Stamp } from './stamp.ts'
import type { KeySafe, OpenedKey } from './stored-keys.ts'
import { makeStoredKey, openStoredKey } from './stored-keys.ts'

/** What a ring of stored keys is made of. */
export interface RingParts extends KeySafe {
  readonly keys: KeyStore
  readonly clock: Clock
  readonly stamp: Stamp
  /** What the first key, and each later one, signs with. */
  readonly algorithm: SigningAlgorithm
}

/** Seconds after which a node reads the keys again, whatever happens. */
export const RING_TTL: Seconds = 60
/** Seconds before an unknown `kid` may make a node read the keys again. */
const RING_COOLDOWN: Seconds = 1

interface Ring {
  readonly revision: number
  readonly readAt: Date
  readonly keys: readonly OpenedKey[]
  readonly byKid: ReadonlyMap<string, OpenedKey>
}

/** Creates the keys of a deployment: a ring in the authority, its first key made by the first node that needs one. */
export function createKeyRing(parts: RingParts): Keys {
  const { clock } = parts
  let ring: Ring | undefined
  let loading: Promise<Ring> | undefined

  /** Reads once for everybody who waits; a failure is forgotten, so that the next caller tries again. */
  function read(): Promise<Ring> {
    if (loading !== undefined) return loading
    const reading = readRing(parts)
      .catch((error: unknown) => {
        throw isCountersignError(error) ? error : unavailable(error)
      })
      .then((read) => {
        // What was forgotten while it was read must not come back.
        if (loading === reading) ring = read
        return read
      })
      .finally(() => {
        if (loading === reading) loading = undefined
      })
    loading = reading
    return reading
  }

  function present(): Ring | Promise<Ring> {
    const fresh = ring !== undefined && clock.now() < later(ring.readAt, RING_TTL)
    return fresh ? (ring as Ring) : read()
  }

  async function findAfterReading(kid: string): Promise<OpenedKey | undefined> {
    const known = await present()
    const mayRead = clock.now() >= later(known.readAt, RING_COOLDOWN)
    return usable(
      known.byKid.get(kid) ?? (mayRead ? (await read()).byKid.get(kid) : undefined),
      clock.now(),
    )
  }

  return {
    async signer() {
      const { keys } = await present()
      return activeOf(keys, clock.now()).signer
    },
    find: (kid) => usable(ring?.byKid.get(kid), clock.now()) ?? findAfterReading(kid),
    async jwks() {
      const { keys } = await present()
      return { keys: keys.flatMap((key) => entryOf(key, clock.now())) }
    },
    follow: (revision) =>
      ring !== undefined && revision <= ring.revision ? false : read().then(() => true),
    forget() {
      ring = undefined
      loading = undefined
    },
  }
}

async function readRing(parts: RingParts): Promise<Ring> {
  const readAt = parts.clock.now()
  const { revision, keys: stored } = await storedRing(parts)
  const keys = await Promise.all(stored.map((key) => openStoredKey(parts, key)))
  return { revision, readAt, keys, byKid: new Map(keys.map((key) => [key.kid, key])) }
}

async function storedRing(parts: RingParts): Promise<StoredKeyRing> {
  const standing = await parts.keys.list()
  if (standing.keys.length > 0) return standing
  const now = parts.clock.now()
  const first = await makeStoredKey(parts, parts.algorithm, { createdAt: now, activeFrom: now })
  const target = { kind: 'signing_key', id: first.kid } as const
  await parts.keys.ensure(first, [
    parts.stamp({ type: 'signing_key.created', actor: ENGINE, target }),
  ])
  return parts.keys.list()
}

function usable(key: OpenedKey | undefined, now: Date): OpenedKey | undefined {
  return key === undefined || phaseOf(key.stored, now) === 'retired' ? undefined : key
}

/** The newest key that has begun to sign; before any has, the one that will be first. */
function activeOf(keys: readonly OpenedKey[], now: Date): OpenedKey {
  const active = keys.findLast(({ stored }) => now >= stored.activeFrom) ?? keys[0]
  if (active === undefined) throw new Error('There is no signing key')
  return active
}

/** What others see of a key: nothing of a retired one, and nothing at all of a symmetric one. */
function entryOf({ stored, signer }: OpenedKey, now: Date) {
  const { publicKey, kid, algorithm } = signer
  if (publicKey === undefined || phaseOf(stored, now) === 'retired') return []
  return [toJwksEntry(publicKey, kid, algorithm)]
}
