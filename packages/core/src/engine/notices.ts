import type { NoticeSettings } from '../input/notices.ts'
import type { Seconds } from '../lib/time.ts'
import { days, daysUntil, hours, later, secondsUntil } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import type { EventDraft } from '../model/event.ts'
import { lastOfUse } from '../model/identity.ts'
import { noticeKeys } from './notice-keys.ts'
import type { Parts } from './parts.ts'

/** What is told of before it hurts. */
export interface Notices {
  /** How long before an end somebody is told, the shortest time first. */
  readonly expiring: readonly Seconds[]
  /** How long nobody used an identity that is told of; absent where none is. */
  readonly unused?: Seconds
}

/** Tells of what is due, at most so many of each kind; answers whether that was all. */
export type GiveNotice = (limit: number) => Promise<boolean>

type NoticeParts = Pick<
  Parts,
  'storage' | 'clock' | 'stamp' | 'notices' | 'rootKeys' | 'rotateEvery'
>

/** Seconds between two looks: what is told is measured in days. */
const EVERY = hours(1)

const DEFAULT_EXPIRING = [days(14), days(3)]
const DEFAULT_UNUSED = days(90)

/** Reads the option. */
export function noticesOf(settings: NoticeSettings | 'off' = {}): Notices {
  if (settings === 'off') return { expiring: [] }
  const { expiring = DEFAULT_EXPIRING, unused = DEFAULT_UNUSED } = settings
  const ascending = [...new Set(expiring)].sort((one, other) => one - other)
  return { expiring: ascending, ...(unused !== 'never' && { unused }) }
}

/** Creates what tells of ends and of disuse. Any number of nodes may do it: each notice is written once. */
export function createGiveNotice(parts: NoticeParts): GiveNotice {
  const { clock } = parts
  let nextAt = new Date(0)

  return async (limit) => {
    const now = clock.now()
    if (now < nextAt) return true
    const all = (await noticeCredentials(parts, limit)) && (await noticeIdentities(parts, limit))
    await noticeKeys(parts)
    if (all) nextAt = later(now, EVERY)
    return all
  }
}

/** The shortest time first: what ends in three days is not told of as ending within fourteen. */
async function noticeCredentials(parts: NoticeParts, limit: number): Promise<boolean> {
  const { clientSecrets, staticTokens } = parts.storage
  for (const within of parts.notices.expiring) {
    const secrets = { store: clientSecrets, kind: 'client_secret' } as const
    const tokens = { store: staticTokens, kind: 'static_token' } as const
    if ((await noticeEnds(parts, { ...secrets, within, limit })) >= limit) return false
    if ((await noticeEnds(parts, { ...tokens, within, limit })) >= limit) return false
  }
  return true
}

interface Ends {
  readonly store: Pick<
    Parts['storage']['clientSecrets' | 'staticTokens'],
    'expiring' | 'noteExpiry'
  >
  readonly kind: 'client_secret' | 'static_token'
  readonly within: Seconds
  readonly limit: number
}

async function noticeEnds(
  { clock, stamp }: NoticeParts,
  { store, kind, within, limit }: Ends,
): Promise<number> {
  const now = clock.now()
  const { untold } = await store.expiring({ within, now }, limit)
  for (const { organization, id, identity, expiresAt = now } of untold) {
    const draft: EventDraft = {
      type: `${kind}.expiring`,
      organization,
      actor: ENGINE,
      target: { kind, id },
      details: { days: daysUntil(now, expiresAt), identity },
    }
    await store.noteExpiry({ organization, id }, within, [stamp(draft)])
  }
  return untold.length
}

async function noticeIdentities(parts: NoticeParts, limit: number): Promise<boolean> {
  const { storage, clock, stamp, notices } = parts
  if (notices.unused === undefined) return true
  const now = clock.now()
  const since = later(now, -notices.unused)
  const unused = await storage.identities.unused(since, limit)
  for (const identity of unused) {
    const { organization, id } = identity
    const event = stamp({
      type: 'identity.unused',
      organization,
      actor: ENGINE,
      target: { kind: 'identity', id },
      details: { days: Math.floor(secondsUntil(lastOfUse(identity), now) / days(1)) },
    })
    await storage.identities.noteUnused({ organization, id, since, now }, [event])
  }
  return unused.length < limit
}
