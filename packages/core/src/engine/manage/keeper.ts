import { conflict, notFound } from '../../errors.ts'
import type { Event } from '../../model/event.ts'
import type { RecordStore } from '../../ports/record-store.ts'
import type { Stores } from '../../ports/storage.ts'
import type { Desk } from './command.ts'

/** A record that people manage, as far as changing it goes. */
export interface Revisioned {
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** One change of a record: computed from what stands, on the revision that the caller read, if it says one. */
export interface Change<Row> {
  readonly revision?: number | undefined
  apply(standing: Row): Partial<Row> | Promise<Partial<Row>>
  /** Says that `apply` answers the whole record: what it leaves out goes. */
  readonly whole?: true
  event(revised: Row): Event
  /** What the change makes meaningless elsewhere, and takes along in the same transaction. */
  tidy?(standing: Row, revised: Row): Promise<void>
}

/** What managing any kind of record has in common; whoever changes one does so in a transaction. */
export interface Keeper<Row, Key extends readonly string[]> {
  /** Answers the record, or throws `not_found`. */
  get(stores: Stores, key: Key): Promise<Row>
  /** Changes the record by compare-and-set, or throws `not_found` or `conflict`. */
  update(desk: Pick<Desk, 'storage' | 'clock'>, key: Key, change: Change<Row>): Promise<Row>
  /** Deletes the record and all that belongs to it, or throws `not_found`. */
  remove(desk: Pick<Desk, 'storage'>, key: Key, event: Event): Promise<void>
}

const CHANGED_MEANWHILE = 'It was changed meanwhile, or its new name is taken; read it again'

/** Creates the keeper of one kind of record; `name` is what an answer calls it. */
export function createKeeper<Row extends Revisioned, Key extends readonly string[], Filter>(
  name: string,
  storeOf: (stores: Stores) => RecordStore<Row, Key, Filter>,
): Keeper<Row, Key> {
  async function get(stores: Stores, key: Key): Promise<Row> {
    const standing = await storeOf(stores).find(...key)
    if (standing === undefined) throw notFound(name)
    return standing
  }

  return {
    get,

    async update({ storage, clock }, key, { revision, apply, whole, event, tidy }) {
      const standing = await get(storage, key)
      if (revision !== undefined && revision !== standing.revision)
        throw conflict(CHANGED_MEANWHILE)
      const next = { revision: standing.revision + 1, updatedAt: clock.now() }
      const changed = await apply(standing)
      const revised = {
        ...(whole === true ? (changed as Row) : { ...standing, ...changed }),
        ...next,
      }
      if (!(await storeOf(storage).replace(revised, [event(revised)])))
        throw conflict(CHANGED_MEANWHILE)
      await tidy?.(standing, revised)
      return revised
    },

    async remove({ storage }, key, event) {
      if (!(await storeOf(storage).remove(key, [event]))) throw notFound(name)
    },
  }
}

/** The members that a new record starts with. */
export function firstRevision(now: Date): Revisioned {
  return { revision: 1, createdAt: now, updatedAt: now }
}
