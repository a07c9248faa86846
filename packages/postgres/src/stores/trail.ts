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
import { CHAIN_START, identitiesOf } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readAll, readOne } from '../db.ts'
import type { Json } from '../records.ts'
import { instant, toEvent, withInstants } from '../records.ts'
import type { Statement, Value } from '../statement.ts'
import * as statements from '../statements/trail.ts'

/** Events forgotten in one pass. */
const FORGOTTEN_AT_ONCE = 10_000

/** Creates the audit trail: what was sealed stays as it is. */
export function createTrail(db: Db): Trail {
  return {
    open: (limit) => findOpen(db, limit),
    seal: (sealing) => does(db, statements.sealEvents, sealingOf(sealing)),
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
        checkpoint.kid,
        JSON.stringify(checkpoint),
      ]),
    async forget(before) {
      const values = [before.getTime(), FORGOTTEN_AT_ONCE]
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

function sealingOf({ after, at, events }: Sealing): readonly Value[] {
  const names = events.flatMap(({ event }, place) =>
    identitiesOf(event).map((identity) => ({ place: place + 1, identity })),
  )
  return [
    after,
    events.at(-1)?.position ?? after,
    at.getTime(),
    events.map(({ entry }) => entry),
    events.map(({ position }) => position),
    events.map(({ index }) => index),
    events.map(({ hash }) => hash),
    events.map(({ event }) => event.at.getTime()),
    events.map(({ event }) => event.type),
    names.map(({ place }) => place),
    names.map(({ identity }) => identity),
  ]
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
  const window = [since?.getTime(), until?.getTime(), before]
  const values = [chainOf(organization), type, ...window, limit]
  if (identity === undefined) return readSealed(db, statements.pageOfChain, values)
  return readSealed(db, statements.pageOfIdentity, [...values, identity])
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
  const values = [events, since.getTime(), forgetBefore?.getTime(), kid, limit]
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
