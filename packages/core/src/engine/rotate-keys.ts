import { conflict, notFound } from '../errors.ts'
import type { Seconds } from '../lib/time.ts'
import { days, later } from '../lib/time.ts'
import type { Event, EventDraft } from '../model/event.ts'
import type { SigningKey, SigningKeyPhase } from '../model/signing-key.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { StoredSigningKey } from '../ports/key-store.ts'
import type { Stores } from '../ports/storage.ts'
import { RING_TTL } from './key-ring.ts'
import type { Parts } from './parts.ts'
import { makeStoredKey } from './stored-keys.ts'

/** A signing key and where it is on its way. */
export interface ListedSigningKey extends SigningKey {
  readonly phase: SigningKeyPhase
}

/** Seconds that others may keep our JWKS, as its `Cache-Control` says. */
export const JWKS_MAX_AGE: Seconds = 300
/** Seconds between publishing a key and signing with it: all caches have seen it by then. */
export const PUBLISH_LEAD: Seconds = 2 * (JWKS_MAX_AGE + RING_TTL)

/** How long a signing key signs where nobody says otherwise. */
export const USUAL_ROTATION: Seconds = days(90)

/** What replacing a signing key takes. */
export interface KeyDesk
  extends Pick<Parts, 'keys' | 'clock' | 'algorithm' | 'maxTokenAge' | 'rootKeys' | 'runtime'> {
  readonly storage: Pick<Stores, 'keys'>
  readonly note: (draft: Omit<EventDraft, 'actor'>) => Event
}

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
    keyEvent(desk, successor.kid, 'created'),
  ])
  if (!succeeded) throw conflict('Another signing key was published meanwhile')
  return toListedKey(successor, now)
}

/** A signing key as lists show it: its private half stays where it is. */
export function toListedKey(
  { sealed: _sealed, ...key }: StoredSigningKey,
  now: Date,
): ListedSigningKey {
  return { ...key, phase: phaseOf(key, now) }
}

/** The event of a signing key. */
export function keyEvent(
  { note }: Pick<KeyDesk, 'note'>,
  kid: string,
  verb: 'created' | 'revoked',
): Event {
  return note({ type: `signing_key.${verb}`, target: { kind: 'signing_key', id: kid } })
}
