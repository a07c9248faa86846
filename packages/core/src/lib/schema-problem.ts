import type * as z from 'zod'

/** One thing that is wrong with an input, as a Standard Schema says it. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Says in one sentence which field is wrong and what it must be, and nothing of what it was. */
export function describeIssue(issue: SchemaIssue | undefined, input: unknown): string {
  const keys = (issue?.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
  const field = keys.length === 0 ? 'The input' : nameField(keys)
  if (!issue) return `${field} is not valid`
  const code = 'code' in issue ? issue.code : undefined
  const missing = keys.length > 0 && code !== 'custom' && valueAt(input, keys) === undefined
  if (missing) return `${field} is required`
  return `${field} ${OWN_WORDS.test(issue.message) ? issue.message : describeCode(issue, code)}`
}

type ZodIssue = z.core.$ZodIssue

type Descriptions = {
  readonly [Code in ZodIssue['code']]: (issue: Extract<ZodIssue, { readonly code: Code }>) => string
}

/** The library's own messages begin with a capital and may repeat what was received. */
const OWN_WORDS = /^[a-z]/

/** A key can come from the input; what does not look like a name is not repeated. */
const NAME = /^[A-Za-z_$][A-Za-z0-9_$-]{0,39}$/

const articles: Readonly<Record<string, string>> = {
  array: 'a list',
  bigint: 'an integer',
  boolean: 'true or false',
  date: 'a date',
  int: 'a whole number',
  never: 'absent',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
}

const descriptions: Descriptions = {
  invalid_type: ({ expected }) => `must be ${articles[expected] ?? 'of another type'}`,
  too_big: ({ origin, maximum }) => `must be at most ${amountOf(origin, maximum)}`,
  too_small: ({ origin, minimum }) => `must be at least ${amountOf(origin, minimum)}`,
  invalid_format: () => 'must have the right form',
  not_multiple_of: ({ divisor }) => `must be a multiple of ${divisor}`,
  unrecognized_keys: ({ keys }) => `has an unknown member${nameAfterBlank(keys[0])}`,
  invalid_union: () => 'must have one of the accepted forms',
  invalid_key: () => 'must not have this name',
  invalid_element: () => 'must hold valid elements only',
  invalid_value: ({ values }) =>
    `must be ${values.map((value) => `'${String(value)}'`).join(' or ')}`,
  custom: () => 'is not valid',
}

function describeCode(issue: SchemaIssue, code: unknown): string {
  if (typeof code !== 'string' || !Object.hasOwn(descriptions, code)) return 'is not valid'
  // The table has one row per code, so the row of an issue's own code takes that issue.
  const describe = descriptions[code as ZodIssue['code']] as (issue: SchemaIssue) => string
  return describe(issue)
}

function amountOf(origin: string, amount: number | bigint): string {
  if (origin === 'string') return `${amount} characters long`
  if (origin === 'array' || origin === 'set') return `${amount} elements long`
  return String(amount)
}

function nameAfterBlank(key: string | undefined): string {
  return key !== undefined && NAME.test(key) ? ` ${key}` : ''
}

function nameField(keys: readonly PropertyKey[]): string {
  return keys.map(nameStep).join('').replace(/^\./, '')
}

function nameStep(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`
  return typeof key === 'string' && NAME.test(key) ? `.${key}` : '.…'
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return value
}
