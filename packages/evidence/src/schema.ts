import type { SchemaIssue, SchemaOf, SchemaResult } from '@countersign/core/plugin'

// A few words to build schemas of policies and credentials from. Messages continue a sentence that begins with the field.

/** Says why a value is refused, in words that continue a sentence about its field, or nothing where it is accepted. */
export type Refuse<T> = (value: T) => string | undefined

/** What the members of a record must be; those whose schema is marked optional may be absent. */
export type Members<T> = { readonly [K in keyof T]-?: MemberOf<T, K> }

type MemberOf<T, K extends keyof T> = undefined extends T[K]
  ? OptionalSchema<Exclude<T[K], undefined>>
  : SchemaOf<T[K]>

/** A schema of a member that may be absent. */
export interface OptionalSchema<T> {
  readonly optional: SchemaOf<T>
}

/** Creates a schema from a function that answers the value or its issues. */
export function schemaFrom<T>(validate: (input: unknown) => SchemaResult<T>): SchemaOf<T> {
  return Object.freeze({
    '~standard': Object.freeze({ version: 1 as const, vendor: 'countersign.evidence', validate }),
  })
}

/** Marks a member that may be absent. */
export function optional<T>(schema: SchemaOf<T>): OptionalSchema<T> {
  return { optional: schema }
}

/** Checks what a schema accepted once more. */
export function refined<T>(schema: SchemaOf<T>, refuse: Refuse<T>): SchemaOf<T> {
  return schemaFrom((input) => {
    const result = check(schema, input)
    if (result.issues !== undefined) return result
    const problem = refuse(result.value)
    return problem === undefined ? result : issue(problem)
  })
}

/** A text of at most so many characters, never empty. */
export function text(longest: number, refuse: Refuse<string> = () => undefined): SchemaOf<string> {
  return schemaFrom((input) => {
    if (input === undefined) return issue('must be there')
    if (typeof input !== 'string') return issue('must be a text')
    if (input === '') return issue('must not be empty')
    if (input.length > longest) return issue(`must be at most ${longest} characters long`)
    const problem = refuse(input)
    return problem === undefined ? { value: input } : issue(problem)
  })
}

/** A whole number within bounds. */
export function whole(least: number, most: number): SchemaOf<number> {
  return schemaFrom((input) =>
    Number.isInteger(input) && least <= (input as number) && (input as number) <= most
      ? { value: input as number }
      : issue(`must be a whole number from ${least} to ${most}`),
  )
}

/** One of a few values, exactly. */
export function literal<const T extends string | boolean>(...values: readonly T[]): SchemaOf<T> {
  const listed = values.map((value) => (typeof value === 'string' ? `'${value}'` : `${value}`))
  return schemaFrom((input) =>
    values.includes(input as T) ? { value: input as T } : issue(`must be ${listed.join(' or ')}`),
  )
}

/** A list of one to so many elements. */
export function listOf<T>(element: SchemaOf<T>, most: number): SchemaOf<readonly T[]> {
  return schemaFrom((input) => {
    if (!Array.isArray(input)) return issue('must be a list')
    if (input.length === 0) return issue('must not be empty')
    if (input.length > most) return issue(`must be at most ${most} elements long`)
    return collect(
      input.map((value, index) => [index, check(element, value)] as const),
      (values) => values.map(([, value]) => value),
    )
  })
}

/** An object of any names, each of which must be accepted. */
export function recordOf<T>(
  member: SchemaOf<T>,
  most: number,
  refuseName: Refuse<string>,
): SchemaOf<Readonly<Record<string, T>>> {
  return schemaFrom((input) => {
    if (!isPlainObject(input)) return issue('must be an object')
    const names = Object.keys(input)
    if (names.length > most) return issue(`must have at most ${most} members`)
    const wrong = names.find((name) => name === '__proto__' || refuseName(name) !== undefined)
    if (wrong !== undefined) return issue(`has a name that ${refuseName(wrong) ?? 'is reserved'}`)
    return collect(
      names.map((name) => [name, check(member, input[name])] as const),
      (values) => Object.fromEntries(values),
    )
  })
}

/** An object of these members and no others. */
export function objectOf<T extends object>(
  members: Members<T>,
  refuse: Refuse<T> = () => undefined,
): SchemaOf<T> {
  return schemaFrom((input) => {
    if (!isPlainObject(input)) return issue('must be an object')
    const unknown = Object.keys(input).find((name) => !Object.hasOwn(members, name))
    if (unknown !== undefined) return issue(`has an unknown member${nameOf(unknown)}`)
    const checked = Object.entries<SchemaOf<unknown> | OptionalSchema<unknown>>(members).flatMap(
      ([name, member]) => {
        const value = Object.hasOwn(input, name) ? input[name] : undefined
        if (!('optional' in member)) return [[name, check(member, value)] as const]
        return value === undefined ? [] : [[name, check(member.optional, value)] as const]
      },
    )
    const result = collect(checked, (values) => Object.fromEntries(values) as T)
    if (result.issues !== undefined) return result
    const problem = refuse(result.value)
    return problem === undefined ? result : issue(problem)
  })
}

/** Has a value checked by the schema that it chooses, or refuses it. */
export function chosen<T>(choose: (input: unknown) => SchemaOf<T> | string): SchemaOf<T> {
  return schemaFrom((input) => {
    const schema = choose(input)
    return typeof schema === 'string' ? issue(schema) : check(schema, input)
  })
}

/** A result that refuses the value itself. */
export function issue(message: string): { readonly issues: readonly SchemaIssue[] } {
  return { issues: [{ message }] }
}

/** Tells an object that came as JSON from everything else. */
export function isPlainObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function check<T>(schema: SchemaOf<T>, input: unknown): SchemaResult<T> {
  const result = schema['~standard'].validate(input)
  if (result instanceof Promise) throw new TypeError('A schema must answer at once')
  return result
}

function collect<Key extends string | number, T, Whole>(
  checked: readonly (readonly [Key, SchemaResult<T>])[],
  build: (values: readonly (readonly [Key, T])[]) => Whole,
): SchemaResult<Whole> {
  const values: (readonly [Key, T])[] = []
  for (const [key, result] of checked) {
    if (result.issues !== undefined)
      return { issues: result.issues.map((found) => beneath(key, found)) }
    values.push([key, result.value])
  }
  return { value: build(values) }
}

function beneath(key: string | number, { message, path = [] }: SchemaIssue): SchemaIssue {
  return { message, path: [key, ...path] }
}

const NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/

function nameOf(name: string): string {
  return NAME.test(name) ? ` ${name}` : ''
}
