import type { SchemaOf } from '@countersign/core/plugin'
import { parseWith } from '@countersign/core/plugin'
import * as z from 'zod'
import type { Outcome } from './refusal.ts'
import { badRequest } from './refusal.ts'

/** The longest sentence that an answer carries. */
const LONGEST_SENTENCE = 120

/** Parses what arrived; a message names the field and never what was in it. */
export function parseInput<T>(schema: SchemaOf<T>, input: unknown): Outcome<T> {
  const parsed = parseWith(schema, input)
  if ('value' in parsed) return { value: parsed.value }
  const { problem } = parsed
  return badRequest(problem.length > LONGEST_SENTENCE ? 'The input is not valid' : problem)
}

/** The names of the fields that an object takes. */
export function fieldsOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}
