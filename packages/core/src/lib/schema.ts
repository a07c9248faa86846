import type { SchemaIssue } from './schema-problem.ts'
import { describeIssue } from './schema-problem.ts'

export type { SchemaIssue } from './schema-problem.ts'

/** What a schema of any library is here: a Standard Schema that answers `T`. */
export interface SchemaOf<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

/** What a Standard Schema answers. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** An input that has become a value, or one sentence about why it did not. */
export type Parsed<T> =
  | { readonly value: T }
  | { readonly problem: string; readonly issues: readonly string[] }

/**
 * Parses an input; the problem, and each issue, names the field by its path and never repeats what was received.
 *
 * A message that a schema gives itself continues the path (`must be a whole number of seconds`) and so begins in lower
 * case; all others are replaced. Throws a `TypeError` for a schema that answers with a promise.
 */
export function parseWith<T>(schema: SchemaOf<T>, input: unknown): Parsed<T> {
  const result = schema['~standard'].validate(input)
  if (result instanceof Promise) throw new TypeError('A schema must answer at once')
  if (!result.issues) return { value: result.value }
  const issues = result.issues.map((issue) => describeIssue(issue, input))
  return { problem: issues[0] ?? describeIssue(undefined, input), issues }
}
