import { expiryOf } from '../lib/expiry.ts'
import type { Seconds } from '../lib/time.ts'
import type { Event } from '../model/event.ts'
import type { EventSink } from '../ports/sink.ts'
import { createFeed, FED_AT_ONCE } from './feed.ts'
import type { Parts } from './parts.ts'
import type { Gathered } from './refusals.ts'
import type { Sequence } from './sequence.ts'
import { SEALED_AT_ONCE } from './sequence.ts'

/**
 * Writes what this node gathered, seals a batch, and hands each sink one; answers whether that was all. With patience, a
 * sink that takes longer goes on by itself.
 */
export type HandOver = (take: () => Gathered, patience?: Seconds) => Promise<boolean>

/** Creates the hand-over of statistics, refusals and events. */
export function createHandOver(
  parts: Pick<Parts, 'storage' | 'trail' | 'statistics' | 'clock' | 'runtime'>,
  sequence: Sequence,
  sinks: readonly EventSink[],
): HandOver {
  const { storage, statistics, runtime } = parts
  const feeds = sinks.map((sink) => createFeed(parts, sink))
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

  return async (take, patience) => {
    await statistics.flush()
    const { folded, reported } = take()
    await write(folded)
    const sealed = await sequence()
    const feeding = Promise.all(feeds.map((feed) => feed(reported)))
    const counts = await (patience === undefined || feeds.length === 0
      ? feeding
      : Promise.race([feeding, expiryOf(runtime.deadline(patience)).catch(() => MORE)]))
    return sealed < SEALED_AT_ONCE && counts.every((count) => count < FED_AT_ONCE)
  }
}

/** Of a feeding that is not over yet, there is more. */
const MORE: readonly number[] = [FED_AT_ONCE]

/** Passes before a process that is ending ends: 10,000 events. What is left is another node's, or the next start's. */
const LAST_PASSES = 20

/** Hands over what there is when nobody will ask again. */
export async function finishHandOver(handOver: HandOver, take: () => Gathered): Promise<void> {
  for (let pass = 0; pass < LAST_PASSES; pass += 1) if (await handOver(take)) return
}
