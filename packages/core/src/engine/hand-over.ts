import type { Event } from '../model/event.ts'
import type { EventSink } from '../ports/sink.ts'
import type { Storage } from '../ports/storage.ts'
import type { Parts } from './parts.ts'
import type { Gathered } from './refusals.ts'
import type { Sequence } from './sequence.ts'
import { SEALED_AT_ONCE } from './sequence.ts'

/** Writes what this node gathered, seals a batch, and hands each sink one; answers whether that was all. */
export type HandOver = (take: () => Gathered) => Promise<boolean>

/** Events handed to a sink in one pass. */
const BATCH = 500

/** Creates the hand-over of statistics, refusals and events. */
export function createHandOver(
  { storage, statistics }: Pick<Parts, 'storage' | 'statistics'>,
  sequence: Sequence,
  sinks: readonly EventSink[],
): HandOver {
  let unwritten: readonly Event[] = []

  /** Writes rows that no other write carries; what an outage keeps out is written by a later pass. */
  async function write(rows: readonly Event[]): Promise<void> {
    const due = [...unwritten, ...rows]
    if (due.length === 0) return
    unwritten = []
    try {
      await storage.outbox.append(due)
    } catch (error) {
      unwritten = [...due, ...unwritten]
      throw error
    }
  }

  return async (take) => {
    await statistics.flush()
    const { folded, reported } = take()
    await write(folded)
    const sealed = await sequence()
    const counts = await Promise.all(sinks.map((sink) => feed(storage, sink, reported)))
    return sealed < SEALED_AT_ONCE && counts.every((count) => count < BATCH)
  }
}

/** Hands a sink what it has not seen. A sink that throws keeps its place, and is offered the same again. */
async function feed(
  { trail, sinkPlaces }: Storage,
  sink: EventSink,
  reported: readonly Event[],
): Promise<number> {
  const placed = await trail.read(await sinkPlaces.placeOf(sink.name), BATCH)
  const last = placed.at(-1)
  try {
    if (reported.length > 0) await sink.write(reported)
    if (last === undefined) return 0
    await sink.write(placed.map(({ event }) => event))
  } catch {
    return 0
  }
  await sinkPlaces.advance(sink.name, last.position)
  return placed.length
}
