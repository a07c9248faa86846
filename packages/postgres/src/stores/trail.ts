import type {
  Chain,
  ChainLink,
  Checkpoint,
  CheckpointNeed,
  Event,
  OpenBatch,
  SealedEvent,
  Sealing,
  Trail,
  TrailQuery,
  UncheckedChain,
} from '@countersign/core/plugin'
import { CHAIN_START } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readAll, readOne } from '../db.ts'
import type { Json } from '../records.ts'
import { instant, toEvent, withInstants } from '../records.ts'
import type { Statement, Value } from '../statement.ts'
import * as statements from '../statements/trail.ts'

/** Events forgotten in one pass. */
const FORGOTTEN_AT_ONCE = 10_000

/** No event is sealed before it happened, but for clocks of nodes that differ: a day in milliseconds is far more than they may. */
const CLOCKS_APART = 86_400_000

/** Creates the audit trail: what was sealed stays as it is. */
export function createTrail(db: Db): Trail {
  return {
    open: (limit) => findOpen(db, limit),
    seal: createSeal(db),
    read: (after, limit) => readSealed(db, statements.readStream, [after, limit]),
    links: (organization, after, limit) =>
      readSealed(db, statements.readLinks, [chainOf(organization), after, limit]),
    chain: (organization) => findChain(db, organization),
    async organizations(after, limit) {
      const named = await db.ask(statements.findChained, [after, limit])
      return named.filter((organization) => organization !== undefined)
    },
    page: (query) => page(db, query),
    unchecked: (need, limit) => findUnchecked(db, need, limit),
    checkpoint: (checkpoint) =>
      does(db, statements.putCheckpoint, [
        chainOf(checkpoint.organization),
        checkpoint.index,
        checkpoint.anchor.index,
        JSON.stringify(checkpoint),
      ]),
    async forget(before) {
      const values = [monthOf(before), FORGOTTEN_AT_ONCE]
      const [forgotten] = await db.ask(statements.forgetEvents, values)
      return Number(forgotten)
    },
  }
}

interface OpenAnswer {
  readonly position: number
  readonly sealedAt: number | null
  readonly events: readonly { readonly entry: string; readonly event: Json<Event> }[]
  readonly heads: readonly (ChainLink & { readonly organization: string })[]
}

async function findOpen(db: Db, limit: number): Promise<OpenBatch> {
  const open = await readOne<OpenAnswer>(db, statements.findOpen, [limit])
  if (open === undefined) throw new Error('The row of the stream is missing')
  const { position, sealedAt, events, heads } = open
  return {
    position,
    ...instant('sealedAt', sealedAt),
    events: events.map(({ entry, event }) => ({ entry, event: toEvent(event) })),
    heads: heads.map(({ organization, ...link }) => ({ ...link, ...named(organization) })),
  }
}

/** Seals, and sees to it that there is a partition to seal into, also when next month begins. */
function createSeal(db: Db): Trail['seal'] {
  const opened = new Set<number>()
  return async (sealing) => {
    const month = monthOf(sealing.at)
    if (!opened.has(month)) await db.ask(statements.openMonths, [month])
    opened.add(month)
    try {
      return await does(db, statements.sealEvents, sealingOf(sealing))
    } catch (error) {
      // A database that was restored may lack what this node has seen.
      opened.clear()
      throw error
    }
  }
}

function sealingOf({ after, at, events }: Sealing): readonly Value[] {
  return [
    after,
    events.at(-1)?.position ?? after,
    at.getTime(),
    events.map(({ entry }) => entry),
    events.map(({ position }) => position),
    events.map(({ index }) => index),
    events.map(({ hash }) => hash),
  ]
}

/** When the month of an instant began: events go a month at a time. */
function monthOf(instant: Date): number {
  return Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth())
}

async function readSealed(
  db: Db,
  statement: Statement,
  values: readonly Value[],
): Promise<readonly SealedEvent[]> {
  const sealed = await readAll<Json<SealedEvent>>(db, statement, values)
  return sealed.map(({ event, ...link }) => ({ ...link, event: toEvent(event) }))
}

function page(db: Db, { filter, before, limit }: TrailQuery): Promise<readonly SealedEvent[]> {
  const { organization, identity, type, since, until } = filter
  const searched = { identity: identity !== undefined, type: type !== undefined }
  const window = [since && instantText(since), until && instantText(until), before]
  const sealedSince = since && Math.max(since.getTime() - CLOCKS_APART, 0)
  const values = [chainOf(organization), type, identity, ...window, limit, sealedSince]
  return readSealed(db, statements.pageOf(searched), values)
}

/** An instant as events hold it: such texts are in the order of time, up to the year 9999. */
function instantText(instant: Date): string {
  if (instant.getUTCFullYear() > 9999) return '~'
  return instant.getUTCFullYear() < 0 ? '' : instant.toISOString()
}

interface ChainAnswer {
  readonly index: number | null
  readonly hash: string | null
  readonly checkpoint: Json<Checkpoint> | null
  readonly open: number
}

async function findChain(db: Db, organization: string | undefined): Promise<Chain> {
  const chain = await readOne<ChainAnswer>(db, statements.findChain, [chainOf(organization)])
  if (chain === undefined) throw new Error('Postgres answered no chain')
  const { index, hash, checkpoint, open } = chain
  const head = index === null || hash === null ? CHAIN_START : { index, hash }
  return { head: { ...head }, ...toCheckpoint(checkpoint), open }
}

interface UncheckedAnswer extends ChainLink {
  readonly organization: string
  readonly checkpoint: Json<Checkpoint> | null
  readonly cut: ChainLink | null
}

async function findUnchecked(
  db: Db,
  { events, since, forgetBefore, kid }: CheckpointNeed,
  limit: number,
): Promise<readonly UncheckedChain[]> {
  const month = forgetBefore && monthOf(forgetBefore)
  const values = [events, since.getTime(), month, kid, limit]
  const found = await readAll<UncheckedAnswer>(db, statements.findUnchecked, values)
  return found.map(({ organization, index, hash, checkpoint, cut }) => ({
    ...named(organization),
    head: { index, hash },
    ...toCheckpoint(checkpoint),
    ...(cut !== null && { cut }),
  }))
}

/** The chain of the events that belong to no organization is that of '', which is nobody's id. */
function chainOf(organization: string | undefined): string {
  return organization ?? ''
}

function named(organization: string): { readonly organization?: string } {
  return organization === '' ? {} : { organization }
}

function toCheckpoint(checkpoint: Json<Checkpoint> | null): { readonly checkpoint?: Checkpoint } {
  return checkpoint === null ? {} : { checkpoint: withInstants<Checkpoint>(checkpoint, ['at']) }
}
