import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { SchemaOf } from '../../src/lib/schema.ts'
import { parseWith } from '../../src/lib/schema.ts'

interface Policy {
  readonly name: string
  readonly tokenPolicy: { readonly ttl: number; readonly sources?: readonly string[] }
  readonly labels?: Readonly<Record<string, string>>
}

const schema: SchemaOf<Policy> = z.strictObject({
  name: z.string().max(5),
  tokenPolicy: z.strictObject({
    ttl: z.int('must be a whole number of seconds').min(1, 'must be at least one second'),
    sources: z.array(z.string()).min(1).exactOptional(),
  }),
  labels: z.record(z.string().max(3), z.enum(['x', 'y'])).exactOptional(),
})

const problemOf = (input: unknown, against: SchemaOf<unknown> = schema) => {
  const parsed = parseWith(against, input)
  return 'problem' in parsed ? parsed.problem : undefined
}
const aPolicy = (tokenPolicy: object, rest: object = {}) => ({ name: 'a', tokenPolicy, ...rest })

describe('parseWith()', () => {
  test('answers the value', () => {
    expect(parseWith(schema, aPolicy({ ttl: 1 }))).toEqual({ value: aPolicy({ ttl: 1 }) })
  })

  test.each<[unknown, string]>([
    [aPolicy({ ttl: 'x' }), 'tokenPolicy.ttl must be a whole number of seconds'],
    [aPolicy({ ttl: 0 }), 'tokenPolicy.ttl must be at least one second'],
    [aPolicy({}), 'tokenPolicy.ttl is required'],
    [aPolicy({ ttl: 1, sources: [] }), 'tokenPolicy.sources must be at least 1 elements long'],
    [aPolicy({ ttl: 1, sources: ['a', 1] }), 'tokenPolicy.sources[1] must be a text'],
    [aPolicy({ ttl: 1, ttll: 1 }), 'tokenPolicy has an unknown member ttll'],
    [{ ...aPolicy({ ttl: 1 }), name: 'secret-value' }, 'name must be at most 5 characters long'],
    [aPolicy({ ttl: 1 }, { labels: { abc: 'z' } }), "labels.abc must be 'x' or 'y'"],
    [aPolicy({ ttl: 1 }, { labels: { toolong: 'x' } }), 'labels.toolong must not have this name'],
    [undefined, 'The input must be an object'],
    [[], 'The input must be an object'],
    [null, 'The input must be an object'],
  ])('names the field and the rule (%#)', (input, problem) =>
    expect(problemOf(input)).toBe(problem),
  )

  test('repeats neither what was received nor a key that does not look like a name', () => {
    const key = '<script>alert("x")</script>'
    expect(problemOf(aPolicy({ ttl: 1 }, { [key]: 1 }))).toBe('The input has an unknown member')
    expect(problemOf(aPolicy({ ttl: 1 }, { labels: { [key]: 'x' } }))).toBe(
      'labels.… must not have this name',
    )
    const problems = [problemOf({ name: 7, tokenPolicy: 'hunter2' }), problemOf('hunter2')]
    expect(problems.join()).not.toMatch(/hunter2|7/)
  })

  test('finds a sentence for every kind of issue of the library', () => {
    const cases: readonly [SchemaOf<unknown>, unknown, string][] = [
      [z.string().regex(/a/), 'b', 'The input must have the right form'],
      [z.number().multipleOf(2), 3, 'The input must be a multiple of 2'],
      [z.union([z.string(), z.number()]), true, 'The input must have one of the accepted forms'],
      [z.string().refine(() => false), 'x', 'The input is not valid'],
      [z.string().refine(() => false, 'must be known'), 'x', 'The input must be known'],
      [z.never(), 1, 'The input must be absent'],
      [z.number().max(3), 4, 'The input must be at most 3'],
      [z.file(), 4, 'The input must be of another type'],
    ]
    for (const [against, input, problem] of cases) expect(problemOf(input, against)).toBe(problem)
  })

  test('keeps the words of a refinement about a member that is absent', () => {
    const pair = z
      .object({ a: z.string().optional(), b: z.string() })
      .refine(({ a }) => a !== undefined, { path: ['a'], error: 'must come with b' })
    expect(problemOf({ b: 'x' }, pair)).toBe('a must come with b')
  })

  test('takes a schema of another library', () => {
    const validate = (value: unknown) =>
      value === 1 ? { value } : { issues: [{ message: 'Expected 1', path: [{ key: 'a' }, 'b'] }] }
    const other: SchemaOf<unknown> = { '~standard': { version: 1, vendor: 'other', validate } }
    expect(parseWith(other, 1)).toEqual({ value: 1 })
    expect(problemOf({ a: { b: 2 } }, other)).toBe('a.b is not valid')
  })

  test('throws for a schema that answers with a promise', () => {
    const late = z.string().refine(async () => true)
    expect(() => parseWith(late, 'x')).toThrow()
  })
})
