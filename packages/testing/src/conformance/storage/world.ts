import type { Event, Storage } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Records } from './records.ts'
import { createRecords } from './records.ts'

/** What the author of a storage hands over. */
export interface StorageSubject {
  /** Creates a storage with nothing in it. Each case closes its own. */
  createStorage(): Promise<Storage>
  /** The authority's clock, read past the storage. */
  clock(): Date
  /**
   * Runs a transaction of the host on the database of a storage that has `within`: committed where `run` resolves,
   * rolled back where it rejects.
   */
  hostTransaction?<T>(storage: Storage, run: (transaction: unknown) => Promise<T>): Promise<T>
  /** How many callers race; 50 where absent. */
  readonly racers?: number
}

/** A storage that one case works on, and what it takes to fill it. */
export interface World {
  readonly storage: Storage
  readonly records: Records
  readonly racers: number
  /** The ids of all recorded events, in order. */
  eventIds(): Promise<readonly string[]>
}

/** Creates a case about a storage. */
export function storageCase(
  name: string,
  run: (world: World, subject: StorageSubject) => Promise<void>,
): Case<StorageSubject> {
  return {
    name,
    async run(subject) {
      const storage = await subject.createStorage()
      const eventIds = async (): Promise<readonly string[]> =>
        (await readEvents(storage)).map(({ id }) => id)
      const { racers = 50 } = subject
      try {
        await run({ storage, records: createRecords(), racers, eventIds }, subject)
      } finally {
        await storage.close()
      }
    },
  }
}

/** Reads everything that is recorded: what is sealed, then what is open. */
export async function readEvents({ trail }: Storage): Promise<readonly Event[]> {
  const events: Event[] = []
  let after = 0
  for (;;) {
    const sealed = await trail.read(after, 100)
    events.push(...sealed.map(({ event }) => event))
    const last = sealed.at(-1)
    if (last === undefined) break
    after = last.position
  }
  const { events: open } = await trail.open(10_000)
  return [...events, ...open.map(({ event }) => event)]
}
