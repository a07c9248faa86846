import type { RecordStore } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readOne } from '../db.ts'
import type { Listing, Wanted } from '../page.ts'
import { readPage } from '../page.ts'
import { fromEvents } from '../records.ts'
import type { Statement, Value } from '../statement.ts'

/** What tells one kind of record from another. */
export interface RecordKind<Row, Shape, Filter> extends Listing<Row, Shape> {
  readonly find: Statement
  readonly insert: Statement
  /** Absent where records have no revisions. */
  readonly replace?: Statement
  readonly remove: Statement
  /** The columns of a row; the events follow them. */
  valuesOf(row: Row): readonly Value[]
  select(filter: Filter): readonly Wanted[]
}

/** Creates a store of records that people manage. */
export function createRecordStore<
  Row extends { readonly id: string },
  Key extends readonly string[],
  Shape,
  Filter,
>(db: Db, kind: RecordKind<Row, Shape, Filter>): RecordStore<Row, Key, Filter> {
  return {
    async find(...key) {
      const shape = await readOne<Shape>(db, kind.find, key)
      return shape === undefined ? undefined : kind.toRow(shape)
    },
    insert: (row, events) => does(db, kind.insert, [...kind.valuesOf(row), fromEvents(events)]),
    async replace(row, events) {
      if (kind.replace === undefined) return false
      return does(db, kind.replace, [...kind.valuesOf(row), fromEvents(events)])
    },
    remove: (key, events) => does(db, kind.remove, [...key, fromEvents(events)]),
    page: (query) => readPage(db, kind, query, kind.select(query.filter)),
  }
}
