import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AttackCase, Catalogue } from '../attacks.ts'
import { hasTest, openIds, problemsOf } from '../attacks.ts'

const real = JSON.parse(readFileSync('packages/testing/attacks.json', 'utf8')) as Catalogue
const nothing = (): undefined => undefined

function aCatalogue(
  changes: Record<string, Partial<AttackCase>>,
  doneParts: number[] = [],
): Catalogue {
  const bare = Object.entries(real.cases).map(([id, { test: _, ...rest }]) => [id, rest] as const)
  const cases: Record<string, AttackCase> = Object.fromEntries(bare)
  for (const [id, change] of Object.entries(changes)) {
    cases[id] = { part: 99, area: 'planted', title: 'planted', ...change }
  }
  return { doneParts, cases }
}

test('problemsOf() accepts a catalogue whose open cases belong to parts that are not done', () => {
  expect(problemsOf(aCatalogue({}), nothing)).toEqual([])
})

test('problemsOf() names a case of a done part that has no test', () => {
  expect(problemsOf(aCatalogue({ 'XXX-001': {} }, [99]), nothing)).toEqual([
    'XXX-001: part 99 is done, and it has no test',
  ])
})

test('problemsOf() names a test file that does not exist', () => {
  const catalogue = aCatalogue({ 'XXX-001': { test: 'packages/core/test/gone.test.ts' } })
  expect(problemsOf(catalogue, nothing)).toEqual([
    'XXX-001: there is no file packages/core/test/gone.test.ts',
  ])
})

test('problemsOf() names a test file in which no title carries the id', () => {
  const catalogue = aCatalogue({ 'XXX-001': { test: 'a.test.ts' } })
  const text = "// XXX-001\ntest('XXX-0011 refuses', run)\ntest.skip('XXX-001 refuses', run)\n"
  expect(problemsOf(catalogue, () => text)).toEqual([
    'XXX-001: no test in a.test.ts carries this id in its title',
  ])
})

test('problemsOf() notices that a case was taken out of the catalogue', () => {
  const { 'TOK-001': _, ...cases } = aCatalogue({}).cases
  expect(problemsOf({ doneParts: [], cases }, nothing)).toEqual([
    'the catalogue has 304 of 305 cases',
  ])
})

test.each([
  "test('XXX-001 refuses it', run)",
  "it.each([1, 2])('refuses %s (XXX-001)', run)",
  "test(\n  'XXX-001 refuses it',\n  run,\n)",
  "  { name: 'XXX-001 refuses it', run },",
])('hasTest() finds the id in %j', (text) => {
  expect(hasTest(text, 'XXX-001')).toBe(true)
})

test('openIds() lists by part what no test proves', () => {
  const open = openIds(aCatalogue({ 'XXX-001': {}, 'XXX-002': { test: 'a.test.ts' } }))
  expect(open.get(99)).toEqual(['XXX-001'])
})
