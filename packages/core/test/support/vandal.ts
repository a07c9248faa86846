import type { ChainLink, Checkpoint, SealedEvent } from '../../src/model/chain.ts'
import { CHAIN_START, linkTo } from '../../src/model/chain.ts'
import type { Event } from '../../src/model/event.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { Chain } from '../../src/ports/trail.ts'

type Rows = readonly SealedEvent[]

/** Somebody with all rights on the storage, who goes past the engine. */
export interface Vandal {
  readonly around: (storage: Storage) => Storage
  /** Changes what stands in one chain. */
  edit(organization: string | undefined, change: (rows: Rows) => Rows): void
  /** Changes what the storage says of one chain. */
  editChain(organization: string | undefined, change: (chain: Chain) => Chain): void
}

/** Creates a vandal who has done nothing yet. */
export function createVandal(): Vandal {
  const edits = new Map<string | undefined, (rows: Rows) => Rows>()
  const chainEdits = new Map<string | undefined, (chain: Chain) => Chain>()
  const same = <T>(value: T): T => value

  return {
    edit: (organization, change) => void edits.set(organization, change),
    editChain: (organization, change) => void chainEdits.set(organization, change),
    around(storage) {
      const { trail } = storage
      const chain = async (organization: string | undefined): Promise<Chain> =>
        (chainEdits.get(organization) ?? same)(await trail.chain(organization))
      return {
        ...storage,
        trail: {
          ...trail,
          chain,
          async links(organization, after, limit) {
            const rows = await trail.links(organization, 0, 1_000_000)
            const edited = (edits.get(organization) ?? same)(rows)
            const sorted = [...edited].sort((one, other) => one.index - other.index)
            return sorted.filter(({ index }) => index > after).slice(0, limit)
          },
          async unchecked(need, limit) {
            const found = await trail.unchecked(need, limit)
            return Promise.all(
              found.map(async (unchecked) => {
                const { head, checkpoint } = await chain(unchecked.organization)
                const { checkpoint: _, ...rest } = unchecked
                return { ...rest, head, ...(checkpoint !== undefined && { checkpoint }) }
              }),
            )
          },
        },
      }
    },
  }
}

/** What somebody does to one chain, by index, and what verification must say of it. */
export interface Vandalism {
  readonly does: string
  readonly edit: (rows: Rows) => Rows
  readonly kind: string
  readonly index: number
}

const without = (rows: Rows, index: number): Rows => rows.filter((row) => row.index !== index)

function replace(rows: Rows, index: number, change: (row: SealedEvent) => SealedEvent): Rows {
  return rows.map((row) => (row.index === index ? change(row) : row))
}

function withEvent(row: SealedEvent, change: Partial<Event>): SealedEvent {
  return { ...row, event: { ...row.event, ...change } }
}

/** Puts the event of one place into another. */
function withEventOf(rows: Rows, index: number, from: number): SealedEvent[] {
  const { event } = rows.find((row) => row.index === from) ?? {}
  return rows.map((row) => (row.index === index && event !== undefined ? { ...row, event } : row))
}

function renumbered(rows: Rows): Rows {
  return rows.map((row, place) => ({ ...row, index: place + 1 }))
}

/** Hashes everything anew, so that the chain holds in itself. */
export function rechained(rows: Rows): Rows {
  let last = CHAIN_START
  return rows.map((row) => {
    last = linkTo(last, row.event)
    return { ...row, ...last }
  })
}

/** What can be done to a chain of ten events or more without a new hash. */
export const vandalism: readonly Vandalism[] = [
  {
    does: 'changes a reason',
    edit: (rows) => replace(rows, 4, (row) => withEvent(row, { reason: 'other' })),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'takes a member away',
    edit: (rows) =>
      replace(rows, 4, ({ event: { target: _, ...event }, ...row }) => ({
        ...row,
        event: event as Event,
      })),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'moves an event by a millisecond',
    edit: (rows) =>
      replace(rows, 4, (row) => withEvent(row, { at: new Date(row.event.at.getTime() + 1) })),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'writes what has no canonical form',
    edit: (rows) => replace(rows, 4, (row) => withEvent(row, { reason: '\ud800' })),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'changes a hash',
    edit: (rows) => replace(rows, 4, (row) => ({ ...row, hash: CHAIN_START.hash })),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'changes the first event',
    edit: (rows) => replace(rows, 1, (row) => withEvent(row, { reason: 'other' })),
    kind: 'changed',
    index: 1,
  },
  { does: 'removes an event', edit: (rows) => without(rows, 4), kind: 'removed', index: 4 },
  { does: 'removes the first event', edit: (rows) => without(rows, 1), kind: 'removed', index: 1 },
  {
    does: 'removes an event and renumbers the rest',
    edit: (rows) => renumbered(without(rows, 4)),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'inserts an event of an index that is taken',
    edit: (rows) => [
      ...rows,
      ...rows.filter(({ index }) => index === 4).map((row) => withEvent(row, { id: 'evt_other' })),
    ],
    kind: 'inserted',
    index: 4,
  },
  {
    does: 'inserts an event and renumbers the rest',
    edit: (rows) =>
      renumbered(
        rows.flatMap((row) =>
          row.index === 4 ? [withEvent(row, { id: 'evt_other' }), row] : [row],
        ),
      ),
    kind: 'inserted',
    index: 4,
  },
  {
    does: 'swaps two events',
    edit: (rows) =>
      withEventOf(rows, 4, 7).map((row) =>
        row.index === 7 ? (withEventOf(rows, 7, 4).find(({ index }) => index === 7) ?? row) : row,
      ),
    kind: 'changed',
    index: 4,
  },
  {
    does: 'cuts the tail off',
    edit: (rows) => rows.slice(0, -3),
    kind: 'truncated',
    index: 0,
  },
]

/** Cuts everything behind an index off: the rows, and what the storage says of the chain. */
export async function truncate(
  vandal: Vandal,
  { trail }: Pick<Storage, 'trail'>,
  { organization, index, hash }: ChainLink & { readonly organization: string },
  checkpoint?: Checkpoint,
): Promise<void> {
  const kept = await trail.links(organization, 0, index)
  vandal.edit(organization, () => kept)
  vandal.editChain(organization, ({ open }) => ({
    open,
    head: { index, hash: kept.at(-1)?.hash ?? hash },
    ...(checkpoint !== undefined && { checkpoint }),
  }))
}
