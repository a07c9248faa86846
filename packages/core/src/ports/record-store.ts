import type { Event } from '../model/event.ts'

/** Where a page begins: behind the last row of the page before it. */
export interface PagePosition {
  /** The value that the rows are ordered by. */
  readonly value: string
  readonly id: string
}

/** One page of a list: rows in `order`, ties by id. */
export interface PageQuery<Filter> {
  readonly filter: Filter
  readonly order: 'id' | 'name'
  readonly limit: number
  readonly after?: PagePosition
  readonly offset?: number
  /** Asks how many rows match in all, wherever the page begins and ends. */
  readonly count?: true
}

/** Some rows of a list, and where the next ones begin; `next` is absent on the last page. */
export interface PageOf<Row> {
  readonly rows: readonly Row[]
  readonly next?: PagePosition
  /** How many rows match in all; there where the query has `count`. */
  readonly total?: number
}

/**
 * Keeps one kind of record that people manage. `Key` finds one; where the record belongs to an organization, the
 * organization is its first part, and an id of another organization answers exactly like an unknown one.
 *
 * 1. `insert` MUST answer false and change nothing where the key, or a name that must be unique, is taken, or where what
 *    the record belongs to is gone.
 * 2. `replace` MUST change the record only if the stored `revision` is the new one less one.
 * 3. `remove` MUST take everything away that belongs to the record, in one step, and answer false where there is none.
 * 4. Every change MUST be written together with its events, or not at all.
 * 5. A record that is read MUST NOT change under the reader, nor may the reader change what is stored.
 * 6. `page` MUST show each matching row once, in order, whatever `limit` cuts it into.
 * 7. `page` MUST answer how many rows match in all where `count` asks, and nothing of it otherwise.
 */
export interface RecordStore<Row, Key extends readonly string[], Filter> {
  insert(row: Row, events: readonly Event[]): Promise<boolean>
  find(...key: Key): Promise<Row | undefined>
  replace(row: Row, events: readonly Event[]): Promise<boolean>
  remove(key: Key, events: readonly Event[]): Promise<boolean>
  page(query: PageQuery<Filter>): Promise<PageOf<Row>>
}
