import type { PageOf, PageQuery } from '@countersign/core/plugin'
import type { Db } from './db.ts'
import { readAll } from './db.ts'
import type { Value } from './statement.ts'

/** A condition of a list, with a `?` for its value. */
export type Wanted = readonly [sql: string, value: Value]

/** Where the rows of a list stand, as `t`, and how each is answered. */
export interface Listing<Row, Shape> {
  readonly table: string
  readonly answer: string
  /** The column that a list by name is ordered by. */
  readonly name: string
  toRow(shape: Shape): Row
  nameOf(row: Row): string
}

/** Reads one page: rows behind a position, in order, and one more to know whether there is a next page. */
export async function readPage<Row extends { readonly id: string }, Shape>(
  db: Db,
  listing: Listing<Row, Shape>,
  query: Omit<PageQuery<unknown>, 'filter'>,
  wanted: readonly Wanted[],
): Promise<PageOf<Row>> {
  const { order, limit, after, offset = 0 } = query
  const { table, answer, name, toRow, nameOf } = listing
  const values: Value[] = []
  const next = (value: Value): string => `$${values.push(value)}`
  const place = order === 'id' ? 't.id' : `t.${name}, t.id`
  const conditions = wanted.map(([sql, value]) => sql.replace('?', () => next(value)))
  if (after !== undefined) {
    const behind = order === 'id' ? [after.id] : [after.value, after.id]
    conditions.push(`(${place}) > (${behind.map(next).join(', ')})`)
  }
  const text = `SELECT ${answer}::text AS answer FROM @${table} t
    WHERE ${['true', ...conditions].join(' AND ')}
    ORDER BY ${place} LIMIT ${next(limit + 1)} OFFSET ${next(offset)}`
  const found = (await readAll<Shape>(db, { text, once: true }, values)).map(toRow)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  if (last === undefined || found.length <= limit) return { rows }
  const { id } = last
  return { rows, next: { value: order === 'id' ? id : nameOf(last), id } }
}

/** Conditions on columns, of those filters that were given. */
export function equal(columns: Readonly<Record<string, Value>>): readonly Wanted[] {
  return Object.entries(columns).flatMap(([column, value]): readonly Wanted[] =>
    value === undefined ? [] : [[`t.${column} = ?`, value]],
  )
}
