import type { PageOf, PageQuery } from '@countersign/core/plugin'
import type { Db } from './db.ts'
import { readOne } from './db.ts'
import type { Value } from './statement.ts'

/** A condition of a list, with a `?` wherever its value stands. */
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
  const { order, limit, after, offset = 0, count } = query
  const { table, answer, name, toRow, nameOf } = listing
  const values: Value[] = []
  const next = (value: Value): string => `$${values.push(value)}`
  const place = order === 'id' ? 't.id' : `t.${name}, t.id`
  const matching = ['true', ...wanted.map(([sql, value]) => sql.replaceAll('?', next(value)))]
  const counted = `SELECT count(*) FROM @${table} t WHERE ${matching.join(' AND ')}`
  const conditions = [...matching]
  if (after !== undefined) {
    const behind = order === 'id' ? [after.id] : [after.value, after.id]
    conditions.push(`(${place}) > (${behind.map(next).join(', ')})`)
  }
  const listed = `SELECT ${answer} AS shown FROM @${table} t
    WHERE ${conditions.join(' AND ')}
    ORDER BY ${place} LIMIT ${next(limit + 1)} OFFSET ${next(offset)}`
  // In one statement, so that the number is that of the very rows.
  const text = `SELECT json_build_object(
    'rows', (SELECT coalesce(json_agg(l.shown), '[]') FROM (${listed}) l)
    ${count ? `, 'total', (${counted})` : ''})::text AS answer`
  const answered = await readOne<PageAnswer<Shape>>(db, { text, once: true }, values)
  const { rows: shapes = [], total } = answered ?? {}
  const rows = shapes.slice(0, limit).map(toRow)
  const last = rows.at(-1)
  const isLast = last === undefined || shapes.length <= limit
  return {
    rows,
    ...(!isLast && { next: { value: order === 'id' ? last.id : nameOf(last), id: last.id } }),
    ...(total !== undefined && { total }),
  }
}

interface PageAnswer<Shape> {
  readonly rows: readonly Shape[]
  readonly total?: number
}

/** Conditions on columns, of those filters that were given. */
export function equal(columns: Readonly<Record<string, Value>>): readonly Wanted[] {
  return Object.entries(columns).flatMap(([column, value]): readonly Wanted[] =>
    value === undefined ? [] : [[`t.${column} = ?`, value]],
  )
}
