import type { PageQuery, RecordStore } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { pageOf } from './order.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'

/** What tells one kind of record from another. */
export interface RecordKind<Row, Key extends readonly string[], Filter> {
  readonly table: Table<Row>
  find(...key: Key): Row | undefined
  /** Tells whether what the record belongs to is there and its names are free. */
  admits(row: Row): boolean
  /** What takes the place of `stored`; undefined where `row` is not the next revision of the same record. */
  revise(row: Row, stored: Row): Row | undefined
  /** Takes away the record and everything that belongs to it. */
  remove(row: Row): void
  /** The rows that a filter selects, in any order. */
  select(filter: Filter): Iterable<Row>
  /** The value that a list by name is ordered by. */
  nameOf(row: Row): string
}

/** Creates a store of records that people manage. */
export function createRecordStore<
  Row extends { readonly id: string },
  Key extends readonly string[],
  Filter,
>(kind: RecordKind<Row, Key, Filter>, { journal }: Tables): RecordStore<Row, Key, Filter> {
  const { table } = kind
  const storedAs = (row: Row): Row | undefined => table.get(table.shape.keyOf(row))

  return {
    find: async (...key) => copyOf(kind.find(...key)),
    async insert(row, events) {
      if (storedAs(row) !== undefined || !kind.admits(row)) return false
      table.put(copyOf(row))
      journal.append(events)
      return true
    },
    async replace(row, events) {
      const stored = storedAs(row)
      const revised = stored && kind.revise(row, stored)
      if (revised === undefined || !kind.admits(revised)) return false
      table.put(copyOf(revised))
      journal.append(events)
      return true
    },
    async remove(key, events) {
      const stored = kind.find(...key)
      if (stored === undefined) return false
      kind.remove(stored)
      journal.append(events)
      return true
    },
    page: async (query: PageQuery<Filter>) =>
      copyOf(
        pageOf(kind.select(query.filter), query, (row) => ({
          value: query.order === 'id' ? row.id : kind.nameOf(row),
          id: row.id,
        })),
      ),
  }
}

/** The record itself, where it is the next revision of what is stored. */
export function nextRevision<
  Row extends { readonly id: string; readonly revision: number; readonly organization?: string },
>(row: Row, stored: Row): Row | undefined {
  const same = row.id === stored.id && row.organization === stored.organization
  return same && row.revision === stored.revision + 1 ? row : undefined
}
