import { ENGINE } from '../model/actor.ts'
import type { EventSink } from '../ports/sink.ts'
import { MAX_DRIFT } from './clock.ts'
import { keepKeys } from './keep-keys.ts'
import type { Parts } from './parts.ts'

/** What one pass of maintenance left behind: `done` is false while there is more to do at once. */
export interface Maintained {
  readonly done: boolean
}

/** Does one bounded pass of everything that no request should wait for. */
export type Maintain = () => Promise<Maintained>

/** Events handed to a sink, and rows swept, in one pass. */
const BATCH = 500

/** Creates maintenance: clock, keys, statistics, folded refusals, sinks, sweep. Any number of nodes may run it. */
export function createMaintain(parts: Parts, sinks: readonly EventSink[]): Maintain {
  const { storage, clock, statistics, refusals } = parts

  return async function maintain() {
    await correctClock(parts)
    await keepKeys(parts)
    await statistics.flush()
    const folded = refusals.takeFolded()
    if (folded.length > 0) await storage.outbox.append(folded)
    const reported = refusals.takeReported()
    const delivered = await Promise.all(sinks.map((sink) => feed(parts, sink, reported)))
    const swept = await storage.sweep(clock.now(), BATCH)
    return { done: swept < BATCH && delivered.every((count) => count < BATCH) }
  }
}

/** Sets this node's clock to the authority's; a correction that somebody should know of is an event. */
export async function correctClock({
  clock,
  stamp,
  storage,
}: Pick<Parts, 'clock' | 'stamp' | 'storage'>): Promise<void> {
  const correction = await clock.measure()
  if (Math.abs(correction) <= MAX_DRIFT) return
  const details = { seconds: Math.round(correction) }
  const target = { kind: 'clock', id: 'node' } as const
  await storage.outbox.append([stamp({ type: 'clock.drifted', actor: ENGINE, target, details })])
}

/** Hands a sink what it has not seen. A sink that throws keeps its place, and is offered the same again. */
async function feed(
  { storage: { outbox } }: Parts,
  sink: EventSink,
  reported: Parameters<EventSink['write']>[0],
): Promise<number> {
  const placed = await outbox.read(await outbox.placeOf(sink.name), BATCH)
  const last = placed.at(-1)
  try {
    if (reported.length > 0) await sink.write(reported)
    if (last === undefined) return 0
    await sink.write(placed.map(({ event }) => event))
  } catch {
    return 0
  }
  await outbox.advance(sink.name, last.position)
  return placed.length
}
