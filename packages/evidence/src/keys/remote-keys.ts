import type { Seconds } from '@countersign/core/plugin'
import { later } from '@countersign/core/plugin'
import type { Outbound } from '../outbound/outbound.ts'
import type { AbsentKids } from './absent-kids.ts'
import { createAbsentKids } from './absent-kids.ts'
import type { HeldKeys, KeyFetcher } from './key-fetcher.ts'
import { createKeyFetcher } from './key-fetcher.ts'
import type { KeyRefusal, KeyWanted } from './key-set.ts'
import { pickKey } from './key-set.ts'
import type { PublicKey } from './public-key.ts'
import type { KeyPlace } from './remote-document.ts'

/** When a login asks for a key, and until when it waits. */
export interface KeyMoment {
  readonly now: Date
  readonly signal: AbortSignal
}

/** A key that was found. */
export interface FoundKey {
  readonly key: PublicKey
  /** For how long the issuer ought to have been asked again and could not; absent where it was. */
  readonly staleFor?: Seconds
}

/** Finds the keys of one issuer; throws where it could not tell. */
export type FindKey = (wanted: KeyWanted, moment: KeyMoment) => Promise<FoundKey | KeyRefusal>

/** Seconds that known keys count while the issuer cannot be asked. */
export const STALE_LIMIT = 86_400

/**
 * Creates the memory of one issuer's keys.
 *
 * A name that it does not hold is asked for at most once per `COOLDOWN`, whoever asks. Keys that are known count on while
 * the issuer is down, for `STALE_LIMIT` at the most, and nobody waits for an issuer that is known to be down.
 */
export function createRemoteKeys(outbound: Outbound, place: KeyPlace): FindKey {
  const fetcher = createKeyFetcher(outbound, place)
  const absent = createAbsentKids()

  return async (wanted, moment) => {
    const { now } = moment
    const first = pickKey((await load(fetcher, moment)).keys, wanted, now)
    if (first === 'unknown_key') await askAgain({ fetcher, absent }, wanted.kid, moment)
    const held = fetcher.held()
    const found = held === undefined ? first : pickKey(held.keys, wanted, now)
    if (typeof found === 'string') return found
    const overdue = held === undefined ? 0 : now.getTime() - held.freshUntil.getTime()
    const isStale = fetcher.failure() !== undefined && overdue >= 0
    return { key: found, ...(isStale && { staleFor: Math.floor(overdue / 1000) }) }
  }
}

/** Has keys to answer from, asked for afresh where that is due. */
async function load(fetcher: KeyFetcher, { now, signal }: KeyMoment): Promise<HeldKeys> {
  const before = fetcher.held()
  if (before === undefined || now >= before.freshUntil) {
    const isDown = isUsable(before, now) && fetcher.failure() !== undefined
    const asked = fetcher.refresh(now)
    if (!isDown) await raced(asked, signal)
  }
  const held = fetcher.held()
  if (isUsable(held, now)) return held
  throw fetcher.failure()?.error ?? new Error('The keys of the issuer are not known')
}

function isUsable(held: HeldKeys | undefined, now: Date): held is HeldKeys {
  return held !== undefined && now < later(held.freshUntil, STALE_LIMIT)
}

/** Asks for a key that is not held: it may be a new one. */
async function askAgain(
  { fetcher, absent }: { readonly fetcher: KeyFetcher; readonly absent: AbsentKids },
  kid: string | undefined,
  { now, signal }: KeyMoment,
): Promise<void> {
  if (absent.has(kid, now)) return
  const asked = fetcher.refresh(now)
  await raced(asked, signal)
  const failure = fetcher.failure()
  if (failure !== undefined) throw failure.error
  if (asked !== undefined) absent.add(kid, now)
}

/** A question outlives the login that began it; the login does not outlive its deadline. */
async function raced(asked: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (asked === undefined) return
  let stop: (() => void) | undefined
  const late = new Promise<void>((resolve) => {
    stop = resolve
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([asked, late])
  if (stop !== undefined) signal.removeEventListener('abort', stop)
}
