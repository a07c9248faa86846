import { sqlStateOf } from '../failure.ts'

/** Where libraries put the error of the driver under their own. */
const BELOW = ['cause', 'driverError', 'meta', 'driverAdapterError', 'original', 'originalError']

/** Deeper than any library wraps, and an end where one wraps in a circle. */
const DEEPEST = 8

/** Answers what Postgres said under the words of a library, or the error itself where it said nothing. */
export function reveal(error: unknown): unknown {
  return findState(error, DEEPEST) ?? error
}

function findState(error: unknown, depth: number): unknown {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined
  const found = below(error)
    .map((inner) => findState(inner, depth - 1))
    .find((inner) => inner !== undefined)
  if (found !== undefined) return found
  if (sqlStateOf(error) !== undefined) return error
  // Prisma's adapters keep the word of Postgres apart from their own.
  const { originalCode: code } = error as { readonly originalCode?: unknown }
  if (sqlStateOf({ code }) === undefined) return undefined
  return Object.assign(new Error('Postgres refused a statement'), { code })
}

function below(error: object): readonly unknown[] {
  const members = error as Readonly<Record<string, unknown>>
  return BELOW.map((name) => members[name])
}
