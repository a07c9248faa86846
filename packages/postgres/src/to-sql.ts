import type { Conditions, RowCondition, RowConditions } from '@countersign/core/plugin'
import { BEYOND_BASIC_PLANE, toGlobRegex } from './glob-regex.ts'

/** A condition for a `WHERE` clause, and the values of its parameters. */
export interface SqlCondition {
  readonly text: string
  readonly values: unknown[]
}

/** How a condition fits into the statement of the host. */
export interface ToSqlOptions {
  /** The number of its first parameter; 1 where absent. */
  readonly firstParameter?: number
}

/**
 * Translates the conditions of a list into SQL, so that `WHERE` keeps exactly the rows for which `can` would say yes.
 *
 * `columns` names an expression for each attribute, most often a column. It becomes part of the statement as it stands, so it
 * is never what somebody else has written. Where it is NULL, the row does not have the attribute. Columns compare by code
 * point: an index on `column COLLATE "C"` serves.
 */
export function toSql(
  conditions: Conditions,
  columns: Readonly<Record<string, string>>,
  { firstParameter = 1 }: ToSqlOptions = {},
): SqlCondition {
  const values: unknown[] = []
  if (conditions === 'all') return { text: 'TRUE', values }
  if (conditions === 'none') return { text: 'FALSE', values }
  const parameter = (value: unknown): string => `$${firstParameter - 1 + values.push(value)}`
  const toText = (row: RowConditions): string =>
    row.length === 0
      ? 'TRUE'
      : row.map((one) => conditionOf(one, columnOf(columns, one), parameter)).join(' AND ')
  const anyOf = conditions.anyOf.map((row) => `(${toText(row)})`)
  const noneOf = conditions.noneOf.map((row) => `NOT (${toText(row)})`)
  const allowed = anyOf.length === 0 ? 'FALSE' : anyOf.join(' OR ')
  return { text: `(${[`(${allowed})`, ...noneOf].join(' AND ')})`, values }
}

function columnOf(columns: Readonly<Record<string, string>>, { attribute }: RowCondition): string {
  const column = Object.hasOwn(columns, attribute) ? columns[attribute] : undefined
  if (column === undefined) throw new TypeError(`There is no column for the attribute ${attribute}`)
  return `(${column})::text COLLATE "C"`
}

function conditionOf(
  condition: RowCondition,
  column: string,
  parameter: (value: unknown) => string,
): string {
  if ('in' in condition) {
    const values = condition.in.filter(isStorable)
    return values.length === 0 ? never(column) : `${column} = ANY (${parameter(values)}::text[])`
  }
  if ('not' in condition) {
    const values = condition.not.filter(isStorable)
    return values.length === 0 ? always(column) : `${column} <> ALL (${parameter(values)}::text[])`
  }
  if (condition.glob.includes('\u0000')) return never(column)
  const { regex, filler } = toGlobRegex(condition.glob, condition.separators)
  if (filler === undefined) return `${column} ~ ${parameter(regex)}::text`
  const widened = `regexp_replace(${column}, ${parameter(BEYOND_BASIC_PLANE)}, ${parameter(`\\1${filler}`)}, 'g')`
  return `${widened} ~ ${parameter(regex)}::text`
}

/** False of every value, and unknown where there is none: an empty list would say false of that, too. */
const never = (column: string): string => `${column} <> ${column}`

/** True of every value, and unknown where there is none. */
const always = (column: string): string => `${column} = ${column}`

/** Postgres holds neither U+0000 nor half a character, so no value of a column is one of these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this one is what it is about
const isStorable = (text: string): boolean => !/\u0000|\p{Surrogate}/u.test(text)
