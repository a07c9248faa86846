import type { Storage } from '../ports/storage.ts'

/** A correction beyond this many seconds is an event. */
export const MAX_DRIFT = 30

/** One time for all nodes: this node's steady clock, set to the authority's. */
export interface Clock {
  now(): Date
  /** Asks the authority for its time, and answers by how many seconds the clock was corrected. */
  measure(): Promise<number>
}

/** Creates the clock of a node; until it is measured for the first time it shows the local time. */
export function createClock(storage: Pick<Storage, 'now'>, local: () => Date): Clock {
  let offset = 0

  async function measure(): Promise<number> {
    const asked = local().getTime()
    const authority = (await storage.now()).getTime()
    const answered = local().getTime()
    const measured = Math.round(authority - (asked + answered) / 2)
    const correction = (measured - offset) / 1000
    offset = measured
    return correction
  }

  return { now: () => new Date(local().getTime() + offset), measure }
}
