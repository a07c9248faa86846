import { joinWithLengths } from '../lib/lengths.ts'
import type { Seconds } from '../lib/time.ts'
import { days, daysUntil, later } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import type { EventDraft } from '../model/event.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { Parts } from './parts.ts'
import { rootKeyStatus } from './root-keys.ts'
import { USUAL_ROTATION } from './rotate-keys.ts'

type KeyNoticeParts = Pick<
  Parts,
  'storage' | 'clock' | 'stamp' | 'notices' | 'rootKeys' | 'rotateEvery'
>

/** How long it is remembered that something was told for good. */
const FOR_GOOD = days(3650)
/** How long nodes may disagree about which root key is the newest: they are restarted one after the other. */
const ROLL_OUT = days(1)
/** Seconds until an operator is reminded of a root key. */
const REMINDER = days(30)

/** Tells of signing keys that nobody replaces, and of root keys that cannot be taken away yet. */
export async function noticeKeys(parts: KeyNoticeParts): Promise<void> {
  if (parts.notices.expiring.length === 0) return
  if (parts.rotateEvery === undefined) await noticeSigningKey(parts)
  if (parts.rootKeys.length > 1) await noticeRootKeys(parts)
}

/** Where the host rotates, a key that signs has no end of its own: it is measured by the usual one. */
async function noticeSigningKey(parts: KeyNoticeParts): Promise<void> {
  const now = parts.clock.now()
  const newest = (await parts.storage.keys.list()).keys.at(-1)
  if (newest === undefined || phaseOf(newest, now) !== 'active') return
  const { kid, activeFrom } = newest
  const dueAt = later(activeFrom, USUAL_ROTATION)
  const within = parts.notices.expiring.find((seconds) => now >= later(dueAt, -seconds))
  if (within === undefined) return
  await tellOnce(parts, ['signing key', kid, String(within)], FOR_GOOD, {
    target: { kind: 'signing_key', id: kid },
    reason: 'rotation_due',
    details: { days: daysUntil(now, dueAt) },
  })
}

/** A day after it was superseded, and then each month until nothing depends on it. */
async function noticeRootKeys(parts: KeyNoticeParts): Promise<void> {
  const { id: newest } = parts.rootKeys[0]
  for (const { rootKey, clientSecrets, staticTokens, signingKeys } of await rootKeyStatus(parts)) {
    if (rootKey === newest || clientSecrets + staticTokens + signingKeys === 0) continue
    const key = ['root key', rootKey, newest]
    if (await tellOnce(parts, [...key, 'seen'], FOR_GOOD)) await tellOnce(parts, key, ROLL_OUT)
    else
      await tellOnce(parts, key, REMINDER, {
        target: { kind: 'root_key', id: rootKey },
        reason: 'superseded',
        details: { clientSecrets, staticTokens, signingKeys },
      })
  }
}

/** Marks that something was told, and tells it, if there is anything to tell. */
function tellOnce(
  { storage, clock, stamp }: KeyNoticeParts,
  key: readonly string[],
  silence: Seconds,
  draft?: Omit<EventDraft, 'type' | 'actor'>,
): Promise<boolean> {
  const now = clock.now()
  const mark = { key: joinWithLengths(['key.expiring', ...key]), until: later(now, silence) }
  const events = draft ? [stamp({ ...draft, type: 'key.expiring', actor: ENGINE })] : []
  return storage.outbox.appendOnce(mark, now, events)
}
