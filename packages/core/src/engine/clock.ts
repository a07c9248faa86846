import type { Storage } from '../ports/storage.ts'

/** A correction beyond this many seconds is an event. */
export const MAX_DRIFT = 30

/** One time for all nodes: this node's steady clock, set to the authority's. */
export interface Clock {
  now(): Date
  /** Asks the authority for its time, and answers by how many seconds the clock was corrected. */
  measure(): Promise<number>
}

/**
 * Creates the clock of a node; until it is measured for the first time it shows the local time.
 *
 * The authority's time was read between question and answer. The first time its middle is taken; from then on a clock that
 * could be right is left alone, and one that is not is moved no further than it must: a slow answer proves nothing.
 */
export function createClock(storage: Pick<Storage, 'now'>, local: () => Date): Clock {
  let offset: number | undefined

  async function measure(): Promise<number> {
    const asked = local().getTime()
    const authority = (await storage.now()).getTime()
    const answered = local().getTime()
    const [least, most] = [authority - answered, authority - asked]
    const measured = Math.round(
      offset === undefined ? (least + most) / 2 : Math.min(Math.max(offset, least), most),
    )
    const correction = (measured - (offset ?? 0)) / 1000
    offset = measured
    return correction
  }

  return { now: () => new Date(local().getTime() + (offset ?? 0)), measure }
}
