import { ENGINE } from '../model/actor.ts'
import type { KeepCheckpoints } from './checkpoints.ts'
import { MAX_DRIFT } from './clock.ts'
import { endOverlaps } from './end-overlaps.ts'
import type { HandOver } from './hand-over.ts'
import { keepKeys } from './keep-keys.ts'
import { createGiveNotice } from './notices.ts'
import type { Parts } from './parts.ts'

/** What one pass of maintenance left behind: `done` is false while there is more to do at once. */
export interface Maintained {
  readonly done: boolean
}

/** Does one bounded pass of everything that no request should wait for. */
export type Maintain = () => Promise<Maintained>

/** Rows swept, overlaps ended, and things of one kind told of, in one pass. */
const BATCH = 500
/** Seconds that a pass waits for sinks: what is slower than that must not hold up the sequencer. */
const SINK_PATIENCE = 1

/** Creates maintenance: clock, keys, overlaps, notices, refusals, trail, sinks, sweep. Any number of nodes may run it. */
export function createMaintain(
  parts: Parts,
  handOver: HandOver,
  keepCheckpoints: KeepCheckpoints,
): Maintain {
  const { storage, clock, refusals } = parts
  const giveNotice = createGiveNotice(parts)

  return async function maintain() {
    await correctClock(parts)
    await keepKeys(parts)
    const ended = await endOverlaps(parts, BATCH)
    const noticed = await giveNotice(BATCH)
    const handed = await handOver(refusals.take, SINK_PATIENCE)
    const checked = await keepCheckpoints()
    const swept = await storage.sweep(clock.now(), BATCH)
    return { done: handed && checked && noticed && swept < BATCH && ended < BATCH }
  }
}

/**
 * Sets this node's clock to the authority's; a correction that somebody should know of is an event. Whatever is remembered
 * would look younger than it is by a clock that was put back, and is forgotten.
 */
export async function correctClock({
  clock,
  stamp,
  storage,
  forgetAll,
}: Pick<Parts, 'clock' | 'stamp' | 'storage' | 'forgetAll'>): Promise<void> {
  const correction = await clock.measure()
  if (correction < 0) forgetAll()
  if (Math.abs(correction) <= MAX_DRIFT) return
  const details = { seconds: Math.round(correction) }
  const target = { kind: 'clock', id: 'node' } as const
  await storage.outbox.append([stamp({ type: 'clock.drifted', actor: ENGINE, target, details })])
}
