import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPrefixTree } from '../../src/lib/prefix-tree.ts'
import { seeded } from '../permission/generators.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ä', '\u{1f600}'), maxLength: 8 })

/** Every prefix stands under itself. */
const treeOf = (prefixes: readonly string[]) =>
  createPrefixTree(new Map(prefixes.map((prefix) => [prefix, [prefix]])))

describe('createPrefixTree()', () => {
  test('finds every prefix that a text begins with, the shortest first, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(word), word, (prefixes, text) => {
        const expected = [...new Set(prefixes)].filter((prefix) => text.startsWith(prefix))
        expect(treeOf(prefixes).find(text)).toEqual(
          expected.toSorted((first, second) => first.length - second.length),
        )
      }),
      seeded(5000),
    )
  })

  test('tells how much stands under each prefix', () => {
    expect([...treeOf(['/a', '/a/b', '/c', '/a/b/c']).sizes].sort()).toEqual([1, 1, 2, 3])
  })

  test('holds prefixes that each go on from the one before', () => {
    const prefixes = Array.from({ length: 1000 }, (_, length) => '/a'.repeat(length + 1))
    expect(treeOf(prefixes).find('/a'.repeat(600))).toHaveLength(600)
  })
})
