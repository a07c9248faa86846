import { conflict, notFound } from '../errors.ts'
import type { NoConditions, RevokedSigningKey, SigningKeyRotation } from '../input/signing-key.ts'
import { noConditions, revokedSigningKey, signingKeyRotation } from '../input/signing-key.ts'
import type { Seconds } from '../lib/time.ts'
import { later } from '../lib/time.ts'
import type { SigningKey, SigningKeyPhase } from '../model/signing-key.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { StoredSigningKey } from '../ports/key-store.ts'
import type { Stores } from '../ports/storage.ts'
import type { CommandsOf, Desk } from './command.ts'
import { RING_TTL } from './key-ring.ts'
import { makeStoredKey } from './stored-keys.ts'

/** A signing key and where it is on its way. */
export interface ListedSigningKey extends SigningKey {
  readonly phase: SigningKeyPhase
}

/** Manages the signing keys of a deployment, on the host's word alone. */
export interface SigningKeys {
  /** All keys, oldest first. */
  list(query?: NoConditions): Promise<readonly ListedSigningKey[]>
  /**
   * Makes the next key. It is published at once, signs when every cache can know it, and the key before it is checked
   * until its last token has ended. `conflict` while a rotation is under way.
   */
  rotate(rotation?: SigningKeyRotation): Promise<ListedSigningKey>
  /** Takes a key away at once, with every token that it signed: for a key that leaked. Another one signs from now on. */
  revoke(key: RevokedSigningKey): Promise<void>
}

/** Seconds that others may keep our JWKS, as its `Cache-Control` says. */
export const JWKS_MAX_AGE: Seconds = 300
/** Seconds between publishing a key and signing with it: all caches have seen it by then. */
export const PUBLISH_LEAD: Seconds = 2 * (JWKS_MAX_AGE + RING_TTL)

/** What managing signing keys takes and does. */
export const signingKeyCommands: CommandsOf<SigningKeys> = {
  list: {
    input: noConditions,
    permission: 'signing-key:read',
    run: async ({ storage, clock }) => {
      const now = clock.now()
      return (await storage.keys.list()).keys.map((key) => toListed(key, now))
    },
  },
  rotate: {
    input: signingKeyRotation,
    permission: 'signing-key:rotate',
    run: (desk, { lead = PUBLISH_LEAD }) => rotate(desk, lead),
  },
  revoke: {
    input: revokedSigningKey,
    permission: 'signing-key:revoke',
    run: revoke,
  },
}

/** What replacing a signing key takes. */
export type KeyDesk = Omit<Desk, 'boundary'>

/** Makes and publishes the next key; `conflict` where somebody else just did. */
export async function rotate(desk: KeyDesk, lead: Seconds): Promise<ListedSigningKey> {
  await desk.keys.signer()
  const now = desk.clock.now()
  const newest = (await desk.storage.keys.list()).keys.at(-1)
  if (newest === undefined) throw notFound('signing key')
  if (phaseOf(newest, now) === 'published') throw conflict('A signing key is published already')
  const activeFrom = later(now, lead)
  const successor = await makeStoredKey(desk, desk.algorithm, { createdAt: now, activeFrom })
  const succession = { kid: newest.kid, successor, retiresAt: later(activeFrom, desk.maxTokenAge) }
  const succeeded = await desk.storage.keys.succeed(succession, [
    eventOf(desk, successor.kid, 'created'),
  ])
  if (!succeeded) throw conflict('Another signing key was published meanwhile')
  return toListed(successor, now)
}

async function revoke(desk: Desk, { kid }: RevokedSigningKey): Promise<void> {
  const now = desk.clock.now()
  const replacement = await makeStoredKey(desk, desk.algorithm, { createdAt: now, activeFrom: now })
  if (!(await desk.storage.keys.remove(kid, [eventOf(desk, kid, 'revoked')])))
    throw notFound('signing key')
  if (!(await hasActiveKey(desk.storage, now))) await replace(desk, replacement)
}

/** Puts a key to work at once: as the first of an empty ring, or before a key that is still only published. */
async function replace(desk: Desk, replacement: StoredSigningKey): Promise<void> {
  const { keys } = desk.storage
  const created = [eventOf(desk, replacement.kid, 'created')]
  const newest = (await keys.list()).keys.at(-1)
  if (newest === undefined) await keys.ensure(replacement, created)
  else
    await keys.succeed(
      {
        kid: newest.kid,
        successor: replacement,
        retiresAt: later(desk.clock.now(), desk.maxTokenAge),
      },
      created,
    )
}

async function hasActiveKey({ keys }: Stores, now: Date): Promise<boolean> {
  return (await keys.list()).keys.some((key) => phaseOf(key, now) === 'active')
}

function toListed({ sealed: _sealed, ...key }: StoredSigningKey, now: Date): ListedSigningKey {
  return { ...key, phase: phaseOf(key, now) }
}

function eventOf({ note }: Pick<Desk, 'note'>, kid: string, verb: 'created' | 'revoked') {
  return note({ type: `signing_key.${verb}`, target: { kind: 'signing_key', id: kid } })
}
