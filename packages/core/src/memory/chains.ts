import type { ChainLink, Checkpoint, Sealed, SealedEvent } from '../plugin.ts'
import { CHAIN_START } from '../plugin.ts'
import { copyOf } from './copy.ts'

/** A sealed event, and when that was. */
export interface SealedRow {
  readonly sealed: SealedEvent
  readonly at: Date
}

/** The chain of one organization, or of the events of none. */
export interface ChainRow {
  readonly organization?: string
  /** In the order of their indices. */
  rows: SealedRow[]
  head: ChainLink
  checkpoint?: Checkpoint
}

/** Everything that was sealed: in one stream, and in chains. */
export interface Chains {
  /** In the order of positions. */
  readonly stream: readonly SealedRow[]
  all(): Iterable<ChainRow>
  of(organization: string | undefined): ChainRow | undefined
  /** The position of the last sealed event. */
  end(): number
  add(events: readonly Sealed[], at: Date): void
  /** Forgets the rows that are not to be kept, and answers how many. */
  keep(isKept: (row: SealedRow) => boolean): number
}

/** Creates empty chains. They keep the newest `capacity` events: what they lose then, verification misses. */
export function createChains(capacity: number): Chains {
  const chains = new Map<string | undefined, ChainRow>()
  let stream: SealedRow[] = []
  let end = 0

  function chainOf(organization: string | undefined): ChainRow {
    const chain = chains.get(organization) ?? {
      ...(organization !== undefined && { organization }),
      rows: [],
      head: CHAIN_START,
    }
    chains.set(organization, chain)
    return chain
  }

  function keep(isKept: (row: SealedRow) => boolean): number {
    const before = stream.length
    stream = stream.filter(isKept)
    for (const chain of chains.values()) chain.rows = chain.rows.filter(isKept)
    return before - stream.length
  }

  return {
    get stream() {
      return stream
    },
    all: () => chains.values(),
    of: (organization) => chains.get(organization),
    end: () => end,
    keep,
    add(events, at) {
      for (const { entry: _, ...sealed } of events) {
        const row = { sealed: copyOf(sealed), at: new Date(at) }
        const chain = chainOf(sealed.event.organization)
        stream.push(row)
        chain.rows.push(row)
        chain.head = { index: sealed.index, hash: sealed.hash }
        end = sealed.position
      }
      // Half a stream at a time, so that sealing stays cheap.
      if (stream.length >= 2 * capacity) keep(({ sealed }) => sealed.position > end - capacity)
    },
  }
}
