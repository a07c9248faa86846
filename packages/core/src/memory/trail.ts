import type {
  ChainLink,
  Checkpoint,
  CheckpointNeed,
  Event,
  OpenBatch,
  SealedEvent,
  Sealing,
  Trail,
  TrailFilter,
  UncheckedChain,
} from '../plugin.ts'
import { CHAIN_START, identitiesOf } from '../plugin.ts'
import type { ChainRow, Chains, SealedRow } from './chains.ts'
import { copyOf } from './copy.ts'
import type { OpenJournal } from './journal.ts'
import { compareText } from './order.ts'
import { isWanted, select } from './select.ts'

/** Creates the trail of a deployment over the events that its stores put into the journal. */
export function createTrail(journal: OpenJournal, chains: Chains): Trail {
  return {
    open: async (limit) => openBatch(journal, chains, limit),
    seal: async (sealing) => seal(journal, chains, sealing),
    read: async (after, limit) =>
      firstBehind(chains.stream, ({ position }) => position > after, limit),
    links: async (organization, after, limit) =>
      firstBehind(chains.of(organization)?.rows ?? [], ({ index }) => index > after, limit),
    async chain(organization) {
      const { head = CHAIN_START, checkpoint } = chains.of(organization) ?? {}
      const open = journal.countOf(organization)
      return copyOf({ head, open, ...(checkpoint !== undefined && { checkpoint }) })
    },
    async organizations(after, limit) {
      const named = [...chains.all()].flatMap(({ organization }) => organization ?? [])
      const behind = named.filter((name) => after === undefined || compareText(name, after) > 0)
      return behind.sort(compareText).slice(0, limit)
    },
    page: async ({ filter, before, limit }) =>
      lastBefore(chains.of(filter.organization)?.rows ?? [], before, {
        limit,
        matches: ({ event }) => isSelected(event, filter),
      }),
    async unchecked(need, limit) {
      const found = [...select(chains.all(), (chain) => isUnchecked(chain, need))]
      return found.slice(0, limit).map((chain) => copyOf(toUnchecked(chain, need)))
    },
    checkpoint: async (checkpoint) => putCheckpoint(chains, checkpoint),
    forget: async (before) =>
      chains.keep(({ sealed, at }) => {
        const { anchor = CHAIN_START } = chains.of(sealed.event.organization)?.checkpoint ?? {}
        return sealed.index > anchor.index || at >= before
      }),
  }
}

function openBatch(journal: OpenJournal, chains: Chains, limit: number): OpenBatch {
  const events = journal.first(limit)
  const named = new Set(events.map(({ event }) => event.organization))
  const heads = [...named].flatMap((organization) => {
    const head = chains.of(organization)?.head
    return head === undefined
      ? []
      : { ...head, ...(organization !== undefined && { organization }) }
  })
  const sealedAt = chains.stream.at(-1)?.at
  return {
    position: chains.end(),
    events,
    heads,
    ...(sealedAt !== undefined && { sealedAt: new Date(sealedAt) }),
  }
}

function seal(journal: OpenJournal, chains: Chains, { after, at, events }: Sealing): boolean {
  if (after !== chains.end() || !journal.take(events.map(({ entry }) => entry))) return false
  chains.add(events, at)
  return true
}

/** The first rows of those at the end that are behind a place. */
function firstBehind(
  rows: readonly SealedRow[],
  isBehind: (sealed: SealedEvent) => boolean,
  limit: number,
): readonly SealedEvent[] {
  const start = startOf(rows, isBehind)
  return rows.slice(start, start + limit).map(({ sealed }) => copyOf(sealed))
}

/** Where the rows begin that are behind a place: those before it never are. */
function startOf(rows: readonly SealedRow[], isBehind: (sealed: SealedEvent) => boolean): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const row = rows[middle]
    if (row !== undefined && isBehind(row.sealed)) high = middle
    else low = middle + 1
  }
  return low
}

interface Wanted {
  readonly limit: number
  readonly matches: (sealed: SealedEvent) => boolean
}

function lastBefore(
  rows: readonly SealedRow[],
  before: number | undefined,
  { limit, matches }: Wanted,
): readonly SealedEvent[] {
  const end = before === undefined ? rows.length : startOf(rows, ({ index }) => index >= before)
  const found: SealedEvent[] = []
  for (let place = end - 1; place >= 0 && found.length < limit; place -= 1) {
    const sealed = rows[place]?.sealed
    if (sealed !== undefined && matches(sealed)) found.push(copyOf(sealed))
  }
  return found
}

function isSelected(event: Event, filter: TrailFilter): boolean {
  const { identity, type, since, until } = filter
  if (identity !== undefined && !identitiesOf(event).includes(identity)) return false
  if (since !== undefined && event.at < since) return false
  if (until !== undefined && event.at >= until) return false
  return isWanted(type, event.type)
}

function isUnchecked(chain: ChainRow, need: CheckpointNeed): boolean {
  const { index = 0, kid } = chain.checkpoint ?? {}
  const oldest = chain.rows[startOf(chain.rows, (sealed) => sealed.index > index)]
  if (oldest !== undefined && oldest.at <= need.since) return true
  if (chain.head.index - index >= need.events) return true
  if (need.kid !== undefined && need.kid !== kid) return true
  return cutOf(chain, need) !== undefined
}

/** The last of the rows that may be forgotten, behind the anchor. */
function cutOf({ rows, checkpoint }: ChainRow, need: CheckpointNeed): ChainLink | undefined {
  const { forgetBefore } = need
  const { anchor = CHAIN_START } = checkpoint ?? {}
  if (forgetBefore === undefined) return undefined
  const first = rows.findIndex(({ at }) => at >= forgetBefore)
  const last = (first === -1 ? rows : rows.slice(0, first)).at(-1)?.sealed
  if (last === undefined || last.index <= anchor.index) return undefined
  return { index: last.index, hash: last.hash }
}

function toUnchecked(chain: ChainRow, need: CheckpointNeed): UncheckedChain {
  const { organization, head, checkpoint } = chain
  const cut = cutOf(chain, need)
  return {
    head,
    ...(organization !== undefined && { organization }),
    ...(checkpoint !== undefined && { checkpoint }),
    ...(cut !== undefined && { cut }),
  }
}

function putCheckpoint(chains: Chains, checkpoint: Checkpoint): boolean {
  const chain = chains.of(checkpoint.organization)
  if (chain === undefined || chain.head.index < checkpoint.index) return false
  const { index = 0, anchor = CHAIN_START } = chain.checkpoint ?? {}
  if (index > checkpoint.index || anchor.index > checkpoint.anchor.index) return false
  chain.checkpoint = copyOf(checkpoint)
  return true
}
