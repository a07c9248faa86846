import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCanonicalPath } from '../../src/lib/canonical-path.ts'
import { compileGlob } from '../../src/lib/glob.ts'
import { toAutomaton, toLiteralAutomaton } from '../../src/lib/glob-automaton.ts'
import {
  exampleInFirstNotSecond,
  exampleOf,
  findText,
  globContains,
  globsOverlap,
  limitedTo,
} from '../../src/lib/glob-search.ts'
import { patterns, seeded, separators, texts } from './generators.ts'

const matches = (pattern: string, text: string, by: string) =>
  compileGlob(pattern, by).matches(text)
const by = fc.constantFrom(...separators)

describe('globContains()', () => {
  test('never says yes where a text belongs to the inner one alone, and says why not otherwise', () => {
    let conservative = 0
    fc.assert(
      fc.property(patterns, patterns, texts, by, (outer, inner, text, separator) => {
        const contains = globContains(outer, inner, separator)
        const example = exampleInFirstNotSecond(inner, outer, separator)
        if (contains)
          expect(matches(inner, text, separator) && !matches(outer, text, separator)).toBe(false)
        if (!contains && example === undefined) conservative++
        if (example === undefined) return
        expect(matches(inner, example, separator)).toBe(true)
        expect(matches(outer, example, separator)).toBe(false)
      }),
      seeded(2500),
    )
    expect(conservative).toBe(0)
  })

  test.each([
    ['/apps/**', '/apps/*', true],
    ['/apps/**', '/apps', true],
    ['/apps/*', '/apps/**', false],
    ['/**', '/apps/**', true],
    ['/a*', '/ab?', true],
    ['/ab?', '/a*', false],
    ['**b**', '**ab**', true],
    ['/*/x/**', '/a/x/y', true],
    ['/apps/**', '/apps2/**', false],
  ])('knows whether %s contains %s', (outer, inner, expected) => {
    expect(globContains(outer, inner, '/')).toBe(expected)
  })

  test('says no where it cannot tell within its limit', () => {
    // Two to the twentieth sets of states: it is contained, and that is too far to see.
    const far = `**a${'?'.repeat(20)}`
    expect(globContains(`${far}**`, `${far}a**`, '')).toBe(false)
    expect(findText({ inside: [toLiteralAutomaton('abcdefgh')] }, limitedTo(5))).toBe('unknown')
    expect(findText({ inside: [toLiteralAutomaton('abcdefgh')] }, limitedTo(50))).not.toBe(
      'unknown',
    )
  })
})

describe('globsOverlap()', () => {
  test('never says no where a text belongs to both', () => {
    fc.assert(
      fc.property(patterns, patterns, texts, by, (first, second, text, separator) => {
        if (matches(first, text, separator) && matches(second, text, separator))
          expect(globsOverlap(first, second, separator)).toBe(true)
      }),
      seeded(2500),
    )
  })

  test.each([
    ['/a*', '/*b', true],
    ['/a/*', '/b/*', false],
    ['/a/**', '/*/x', true],
    ['/a?', '/a', false],
  ])('knows whether %s and %s have a text in common', (first, second, expected) => {
    expect(globsOverlap(first, second, '/')).toBe(expected)
  })
})

describe('exampleOf()', () => {
  test('names a text that the pattern matches, for every pattern', () => {
    fc.assert(
      fc.property(patterns, by, (pattern, separator) => {
        const example = exampleOf(pattern, separator)
        expect(example !== undefined && matches(pattern, example, separator)).toBe(true)
      }),
      seeded(2000),
    )
  })
})

describe('findText()', () => {
  test('names canonical paths where paths are asked for, and knows when there is none', () => {
    const find = (pattern: string) =>
      findText({ inside: [toAutomaton(pattern, '/')], kind: 'path' })
    expect(find('**')).toEqual({ text: '/' })
    for (const pattern of ['dev/*', '/a//b', '/a/', '/../a', '/a/./b', '/a\\b', ''])
      expect(find(pattern)).toBe('none')
    fc.assert(
      fc.property(patterns, (pattern) => {
        const found = find(pattern)
        if (typeof found !== 'string')
          expect(isCanonicalPath(found.text) && matches(pattern, found.text, '/')).toBe(true)
      }),
      seeded(1000),
    )
  })

  test('leaves out single texts', () => {
    const inside = [toAutomaton('/a?', '/')]
    const outside = [toLiteralAutomaton('/ax'), toLiteralAutomaton('/a?')]
    const found = findText({ inside, outside })
    expect(found).toEqual({ text: expect.stringMatching(/^\/a[^x?/]$/) })
  })
})

describe('isCanonicalPath()', () => {
  test.each(['/', '/a', '/a/b', '/.env', '/a/..b', '/...', '/a b', '/ä', '/a*'])(
    'accepts %s',
    (path) => expect(isCanonicalPath(path)).toBe(true),
  )

  test.each([
    '',
    'a',
    '//',
    '/a/',
    '/a//b',
    '/.',
    '/..',
    '/a/../b',
    '/a/.',
    '/a\\b',
    '/a\n',
    '/\u0085',
    '/\u007f',
    './a',
  ])('refuses %j', (path) => expect(isCanonicalPath(path)).toBe(false))
})
