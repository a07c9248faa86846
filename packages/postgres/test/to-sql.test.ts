import assert from 'node:assert/strict'
import type { Conditions, RowCondition } from '@countersign/core/plugin'
import { compileGlob } from '@countersign/core/plugin'
import { toSql } from '@countersign/postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'

const database = await openDatabase()
const runs = process.env['COUNTERSIGN_SOAK'] === '1' ? 20_000 : 500
const settings = { seed: 20_260_731, numRuns: runs }

interface Row {
  readonly id: number
  readonly first: string | null
  readonly second: string | null
}

/** Signs of expressions, separators, half the alphabet, and characters that are two code units. */
const LETTERS = [
  'a',
  'b',
  '/',
  '.',
  ':',
  '\\',
  '[',
  '(',
  '|',
  '$',
  '\n',
  '%',
  'é',
  '😀',
  '𝕏',
  '\ue000',
]

/** Every text of up to two letters, some longer ones, and "absent" beside each. */
const texts: readonly (string | null)[] = [
  null,
  '',
  ...LETTERS.flatMap((one) => [one, ...LETTERS.map((other) => one + other)]),
  ...['/a/b', '/a', 'a/b/a', 'a.b', 'aab', '😀😀a', 'a😀/b', 'a\nb\n', '/a/', 'ab/'],
]
const rows: readonly Row[] = texts.map((first, id) => ({
  id,
  first,
  second: texts[(id * 7) % texts.length] ?? null,
}))

const patterns = fc
  .array(fc.constantFrom(...LETTERS, '*', '**', '?', '?', '/**'), { maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((pattern) => !pattern.includes('***'))

const words = fc.constantFrom(
  ...texts.filter((text) => text !== null),
  'no row',
  '\u0000',
  '\ud83d',
)

const attributes = fc.constantFrom('first', 'second')

const rowCondition: fc.Arbitrary<RowCondition> = fc.oneof(
  fc.record({ attribute: attributes, in: fc.array(words, { maxLength: 3 }) }),
  fc.record({ attribute: attributes, not: fc.array(words, { maxLength: 3 }) }),
  fc.record({
    attribute: attributes,
    glob: patterns,
    separators: fc.constantFrom('/', ':/', '.', ''),
  }),
)

const several = fc.array(fc.array(rowCondition, { maxLength: 3 }), { maxLength: 3 })

const conditions: fc.Arbitrary<Conditions> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('all' as const, 'none' as const) },
  { weight: 20, arbitrary: fc.record({ anyOf: several, noneOf: several }) },
)

describe.skipIf(database === undefined)('toSql()', () => {
  if (database === undefined) return
  const { pool } = database
  beforeAll(async () => {
    await pool.query('CREATE TABLE rows (id int PRIMARY KEY, first text, second text)')
    const columns = [
      rows.map(({ id }) => id),
      rows.map((row) => row.first),
      rows.map((row) => row.second),
    ]
    await pool.query(
      'INSERT INTO rows SELECT * FROM unnest($1::int[], $2::text[], $3::text[])',
      columns,
    )
  })
  afterAll(() => database.drop())

  async function select(asked: Conditions): Promise<readonly number[]> {
    const { text, values } = toSql(asked, { first: 'first', second: 'rows.second' })
    const found = await pool.query(`SELECT id FROM rows WHERE ${text} ORDER BY id`, values)
    return found.rows.map(({ id }) => id as number)
  }

  const expected = (asked: Conditions): readonly number[] =>
    rows.filter((row) => admits(asked, row)).map(({ id }) => id)

  test('toSql() keeps exactly the rows that the conditions admit, for any conditions', async () => {
    await fc.assert(
      fc.asyncProperty(conditions, async (asked) => {
        assert.deepEqual(await select(asked), expected(asked))
      }),
      settings,
    )
  }, 120_000)

  test('toSql() matches the texts that core matches, for any glob', async () => {
    await fc.assert(
      fc.asyncProperty(patterns, fc.constantFrom('/', ':/', '.', ''), async (glob, separators) => {
        const asked = { anyOf: [[{ attribute: 'first', glob, separators }]], noneOf: [] }
        assert.deepEqual(await select(asked), expected(asked))
      }),
      settings,
    )
  }, 120_000)

  test('toSql() counts parameters from where the host says', async () => {
    const asked = { anyOf: [[{ attribute: 'first', in: ['a'] }]], noneOf: [] }
    const { text, values } = toSql(asked, { first: 'first' }, { firstParameter: 2 })
    const found = await pool.query(`SELECT id FROM rows WHERE id < $1 AND ${text}`, [
      1000,
      ...values,
    ])
    assert.equal(found.rows.length, 1)
  })
})

test('toSql() throws where an attribute has no column, and where a glob is no text of Postgres', () => {
  const ask = (condition: RowCondition) => () =>
    toSql({ anyOf: [[condition]], noneOf: [] }, { first: 'first' })
  assert.throws(ask({ attribute: 'second', in: [] }), { name: 'TypeError' })
  assert.throws(ask({ attribute: 'constructor', in: [] }), { name: 'TypeError' })
  assert.throws(ask({ attribute: 'first', glob: 'a\ud83d', separators: '/' }), {
    name: 'TypeError',
  })
})

/** The three-valued logic of conditions, by the letter: undefined is "nothing is known". */
function admits(asked: Conditions, row: Row): boolean {
  if (typeof asked === 'string') return asked === 'all'
  const anyOf = asked.anyOf.map((all) => conjunction(all.map((one) => truthOf(one, row))))
  const noneOf = asked.noneOf.map((all) => conjunction(all.map((one) => truthOf(one, row))))
  return anyOf.includes(true) && noneOf.every((truth) => truth === false)
}

function conjunction(truths: readonly (boolean | undefined)[]): boolean | undefined {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}

function truthOf(condition: RowCondition, row: Row): boolean | undefined {
  const value = condition.attribute === 'first' ? row.first : row.second
  if (value === null) return undefined
  if ('in' in condition) return condition.in.includes(value)
  if ('not' in condition) return !condition.not.includes(value)
  return compileGlob(condition.glob, condition.separators).matches(value)
}
