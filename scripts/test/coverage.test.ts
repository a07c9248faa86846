import { expect, test } from 'vitest'
import { coverageProblems, featuresOf } from '../coverage.ts'

const files: Readonly<Record<string, string>> = {
  'docs/reference/a.md': '# A\n\n## What it (really) does\n',
  'packages/a/test/a.test.ts':
    "test('does what it says', () => {})\ntest.skip('sleeps', () => {})\n",
}

const page = (...lines: readonly string[]): string =>
  ['| the seeds say | told on | proved by |', '| --- | --- | --- |', ...lines, ''].join('\n')

function problemsOf(line: string): readonly string[] {
  const all: Readonly<Record<string, string>> = { ...files, 'docs/coverage.md': page(line) }
  return coverageProblems('docs/coverage.md', (path) => all[path])
}

const told = '[a](reference/a.md#what-it-really-does)'
const proof = '`packages/a/test/a.test.ts`: does what it says'

test('featuresOf() reads features, pages, tests and what is open', () => {
  const lines = page(`| One | ${told} | ${proof}; ${proof} |`, '| Two | | not yet |')
  expect(featuresOf(lines)).toMatchObject([
    { name: 'One', pages: ['reference/a.md#what-it-really-does'], isOpen: false },
    { name: 'Two', pages: [], tests: [], isOpen: true },
  ])
  expect(featuresOf(lines)[0]?.tests).toHaveLength(2)
})

test('coverageProblems() is content with what is there, and with what says that it is not', () => {
  expect(problemsOf(`| One | ${told} | ${proof} |`)).toEqual([])
  expect(problemsOf('| One | | not yet |')).toEqual([])
})

test.each([
  ['a page that is gone', `| One | [b](b.md) | ${proof} |`, 'One: there is no page b.md'],
  [
    'a heading that is gone',
    `| One | [a](reference/a.md#gone) | ${proof} |`,
    'One: reference/a.md has no heading gone',
  ],
  [
    'a file of tests that is gone',
    `| One | ${told} | \`b.test.ts\`: does |`,
    'One: there is no file b.test.ts',
  ],
  [
    'a test that is gone',
    `| One | ${told} | \`packages/a/test/a.test.ts\`: did |`,
    'One: no test in packages/a/test/a.test.ts is called "did"',
  ],
  [
    'a test that is skipped',
    `| One | ${told} | \`packages/a/test/a.test.ts\`: sleeps |`,
    'One: no test in packages/a/test/a.test.ts is called "sleeps"',
  ],
  ['no proof', `| One | ${told} | |`, 'One: names no test, nor says "not yet"'],
  ['no page', `| One | | ${proof} |`, 'One: names no page'],
])('coverageProblems() tells of %s', (_what, line, problem) => {
  expect(problemsOf(line)).toEqual([problem])
})

test('coverageProblems() tells of a page without features', () => {
  expect(coverageProblems('docs/coverage.md', () => '# Nothing\n')).toHaveLength(1)
})
