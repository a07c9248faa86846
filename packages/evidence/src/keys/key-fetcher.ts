import type { Seconds } from '@countersign/core/plugin'
import { later } from '@countersign/core/plugin'
import type { Outbound } from '../outbound/outbound.ts'
import type { FetchedKeys, KeyPlace } from './remote-document.ts'
import { discover, fetchKeys } from './remote-document.ts'

/** Seconds until an issuer is asked again about a key it did not have. */
export const COOLDOWN = 30
/** Seconds until an issuer is asked again that could not be asked. */
export const FAILURE_COOLDOWN = 5
/** Seconds that one question to an issuer may take. */
const PATIENCE = 5
/** Seconds that a key set is repeated for, where the issuer says nothing, and the bounds of what it may say. */
const FRESH = { usual: 600, least: 60, most: 86_400 }
/** Seconds that a place of keys is believed for, once discovered. */
const DISCOVERED = 3600

/** A key set, and how long it is as good as new. */
export interface HeldKeys extends FetchedKeys {
  readonly at: Date
  readonly freshUntil: Date
  readonly discoveredAt: Date
}

/** The last question to an issuer that came to nothing. */
export interface FetchFailure {
  readonly at: Date
  readonly error: unknown
}

/** Asks one issuer for its keys: however many want them, one question is under way. */
export interface KeyFetcher {
  readonly held: () => HeldKeys | undefined
  readonly failure: () => FetchFailure | undefined
  /** Joins the question that is under way, or asks if the issuer may be asked again; nothing where it may not. */
  readonly refresh: (now: Date) => Promise<void> | undefined
}

/** Creates what asks one issuer. After an answer it has peace for `COOLDOWN`, after a failure for `FAILURE_COOLDOWN`. */
export function createKeyFetcher(outbound: Outbound, place: KeyPlace): KeyFetcher {
  let held: HeldKeys | undefined
  let flight: Promise<void> | undefined
  let failure: FetchFailure | undefined

  async function fetch(now: Date): Promise<HeldKeys> {
    const signal = outbound.deadline(PATIENCE)
    const isKnown =
      held !== undefined && failure === undefined && now < later(held.discoveredAt, DISCOVERED)
    const known = isKnown ? held?.jwksUrl : undefined
    const url = place.jwksUrl ?? known ?? (await discover(outbound, place, signal))
    const fetched = await fetchKeys(outbound, url, place, signal)
    const discoveredAt = isKnown && held !== undefined ? held.discoveredAt : now
    return { ...fetched, at: now, freshUntil: later(now, freshnessOf(fetched)), discoveredAt }
  }

  async function fetchAndHold(now: Date): Promise<void> {
    try {
      held = await fetch(now)
      failure = undefined
    } catch (error) {
      failure = { at: now, error }
    } finally {
      flight = undefined
    }
  }

  return {
    held: () => held,
    failure: () => failure,
    refresh(now) {
      if (flight !== undefined) return flight
      const asked = failure?.at ?? held?.at
      const peace = failure === undefined ? COOLDOWN : FAILURE_COOLDOWN
      if (asked !== undefined && now < later(asked, peace)) return undefined
      flight = fetchAndHold(now)
      return flight
    },
  }
}

function freshnessOf({ maxAge = FRESH.usual }: FetchedKeys): Seconds {
  return Math.min(FRESH.most, Math.max(FRESH.least, maxAge))
}
