import type { Seconds } from '../lib/time.ts'
import type { Event, EventDraft } from '../model/event.ts'
import type { Clock } from './clock.ts'
import type { Stamp } from './stamp.ts'

/** Many alike events, told as one with a `count` per period, source network and reason. */
export interface Fold {
  add(draft: EventDraft, network: string): void
  /** The events of the periods that are over. */
  take(): readonly Event[]
  /** The events of all periods, the present one cut short: nobody will ask again. */
  takeAll(): readonly Event[]
}

interface Folded {
  readonly period: number
  readonly draft: EventDraft
  readonly count: number
}

/** How coarse a fold is. */
export interface FoldLimits {
  readonly period: Seconds
  /** Kinds that are told apart; whatever else there is loses its network. */
  readonly kinds: number
}

/**
 * Creates a fold. It is bounded: beyond its cap, networks are folded together, and so are the periods until somebody takes
 * what was gathered, which on a node that is never maintained is nobody.
 */
export function createFold(
  { period, kinds: most }: FoldLimits,
  { now }: Clock,
  stamp: Stamp,
): Fold {
  const kinds = new Map<string, Folded>()
  const presentPeriod = (): number => Math.floor(now().getTime() / 1000 / period)

  function add(draft: EventDraft, network: string): void {
    const present = presentPeriod()
    const family = [draft.type, draft.organization ?? '', draft.reason ?? ''].join(' ')
    const own = `${present} ${family} ${network}`
    const key = kinds.has(own) || kinds.size < most ? own : family
    const { period = present, count = 0 } = kinds.get(key) ?? {}
    const told = key === own ? draft : withoutSource(draft)
    kinds.set(key, { period, draft: told, count: count + 1 })
  }

  function takeBefore(period: number): readonly Event[] {
    const over = [...kinds].filter(([, folded]) => folded.period < period)
    for (const [key] of over) kinds.delete(key)
    return over.map(([, { draft, count }]) => stamp({ ...draft, count }))
  }

  return {
    add,
    take: () => takeBefore(presentPeriod()),
    takeAll: () => takeBefore(Number.POSITIVE_INFINITY),
  }
}

function withoutSource({ source: _source, ...draft }: EventDraft): EventDraft {
  return draft
}
