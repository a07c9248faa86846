import { expiryOf } from '../lib/expiry.ts'
import { mintNonce } from '../lib/ids.ts'
import { later } from '../lib/time.ts'
import type { SealedEvent } from '../model/chain.ts'
import type { Event } from '../model/event.ts'
import type { EventSink } from '../ports/sink.ts'
import type { Parts } from './parts.ts'

/**
 * Hands a sink what it has not seen, a batch at a time, and answers how many events that were. Where one feeding is still
 * under way, it is that one which is answered.
 */
export type Feed = (reported: readonly Event[]) => Promise<number>

/** Events handed to a sink in one pass. */
export const FED_AT_ONCE = 500
/** Seconds that a sink may take for a batch. */
const WRITE_DEADLINE = 30
/** Seconds that one node keeps the others from a sink, should it die over it. */
const CLAIM = 60
/** Reported events that wait for a slow sink; what comes then is lost, as it is nowhere else. */
const MOST_WAITING = 1000

/** Creates what feeds one sink. A sink that throws keeps its place, and is offered the same again. */
export function createFeed(
  parts: Pick<Parts, 'storage' | 'trail' | 'clock' | 'runtime'>,
  sink: EventSink,
): Feed {
  const { trail, clock, runtime } = parts
  const { sinkPlaces } = parts.storage
  const { name } = sink
  let holder: string | undefined
  let waiting: readonly Event[] = []
  let underway: Promise<number> | undefined

  async function isWritten(events: readonly Event[]): Promise<boolean> {
    if (events.length === 0) return true
    const signal = runtime.deadline(WRITE_DEADLINE)
    try {
      const context = { now: clock.now(), signal, fetch: runtime.fetch }
      await Promise.race([sink.write(events, context), expiryOf(signal)])
      return true
    } catch {
      return false
    }
  }

  async function handOver(place: number, read: readonly SealedEvent[]): Promise<number> {
    const last = read.at(-1)
    if (last === undefined || last.position <= place) return 0
    if (!(await isWritten(read.map(({ event }) => event)))) return 0
    await sinkPlaces.advance(name, last.position)
    return read.length
  }

  async function feed(): Promise<number> {
    const told = waiting
    waiting = []
    if (!(await isWritten(told))) return 0
    const seen = await sinkPlaces.placeOf(name)
    const read = await trail.read(seen, FED_AT_ONCE)
    if (read.length === 0) return 0
    holder ??= mintNonce(runtime.random)
    const now = clock.now()
    const place = await sinkPlaces.claim({ sink: name, holder, until: later(now, CLAIM) }, now)
    if (place === undefined) return 0
    try {
      return await handOver(place, place === seen ? read : await trail.read(place, FED_AT_ONCE))
    } finally {
      await sinkPlaces.release(name, holder)
    }
  }

  return (reported) => {
    waiting = [...waiting, ...reported].slice(0, MOST_WAITING)
    underway ??= feed().finally(() => {
      underway = undefined
    })
    return underway
  }
}
