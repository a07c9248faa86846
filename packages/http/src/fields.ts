import type { Outcome } from './refusal.ts'
import { badRequest } from './refusal.ts'

/** What one field of a body must be: a text, at most so long. */
export interface Field {
  readonly longest: number
  readonly optional?: boolean
}

/** The fields of one route by name. Whatever else a body holds is ignored: real clients send more. */
export type Fields = Readonly<Record<string, Field>>

/** The fields that arrived. */
export type Values = ReadonlyMap<string, string>

/** Picks the fields of a route out of a body; a message names the field and never what was in it. */
export function pickFields(fields: Fields, body: ReadonlyMap<string, unknown>): Outcome<Values> {
  const values = new Map<string, string>()
  for (const [name, field] of Object.entries(fields)) {
    const value = body.get(name)
    const problem = describeProblem(value, field)
    if (problem !== undefined) return badRequest(`${name} ${problem}`)
    if (typeof value === 'string') values.set(name, value)
  }
  return { value: values }
}

function describeProblem(value: unknown, { longest, optional }: Field): string | undefined {
  if (value === undefined) return optional ? undefined : 'is required'
  if (typeof value !== 'string') return 'must be a string'
  if (value === '' && !optional) return 'must not be empty'
  return value.length > longest ? `must be at most ${longest} characters long` : undefined
}

/** Refuses a field in the query: it is in the logs of every proxy by now, and two of one name are one too many. */
export function refuseQuery(
  fields: Fields,
  query: string,
): ReturnType<typeof badRequest> | undefined {
  const name = [...new URLSearchParams(query).keys()].find((key) => Object.hasOwn(fields, key))
  return name === undefined ? undefined : badRequest(`${name} must not be in the query`)
}
