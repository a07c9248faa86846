import { invalidRequest } from '../errors.ts'
import type { SchemaOf } from '../lib/schema.ts'
import { parseWith } from '../lib/schema.ts'

/** Parses what a caller handed over, or throws `invalid_request` with a sentence that names the field. */
export function parse<T>(schema: SchemaOf<T>, input: unknown): T {
  const parsed = parseWith(schema, input)
  if ('problem' in parsed) throw invalidRequest(parsed.problem, parsed.issues)
  return parsed.value
}
