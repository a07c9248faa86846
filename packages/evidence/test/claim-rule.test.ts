import { parseWith } from '@countersign/core/plugin'
import type { ClaimRule } from '@countersign/evidence'
import {
  attest,
  claimAt,
  claimRule,
  claimRules,
  satisfies,
  subjectRule,
} from '@countersign/evidence'
import { describe, expect, test } from 'vitest'

const NOTHING = [undefined, null, {}, [], ['org/app'], 7, true, 'org/app ', 'Org/app', 'xorg/app']

describe('satisfies()', () => {
  test.each(NOTHING)('compares by type and value: %j is not "org/app"', (claim) => {
    expect(satisfies(claim, 'org/app')).toBe(false)
  })

  const table: readonly [ClaimRule, readonly unknown[], readonly unknown[]][] = [
    ['a', ['a'], ['b', ['a']]],
    [7, [7], ['7', 7.5, [7]]],
    [true, [true], ['true', 1, false]],
    [false, [false], [undefined, null, 0, '', 'false']],
    ['', [''], [undefined, null]],
    [{ in: ['a', 7] }, ['a', 7], ['7', 'b', ['a']]],
    [{ not: 'a' }, ['b', ''], ['a', undefined, null, 7, ['b'], {}]],
    [{ not: { in: ['a', 'b'] } }, ['c'], ['a', 'b', undefined, ['c'], 7]],
    [{ not: { glob: 'x*' } }, ['y'], ['xy', undefined, 7]],
    [{ glob: 'repo:org/*' }, ['repo:org/app'], ['repo:org/', 'repo:org/app:ref', 'repo:org']],
    [{ glob: 'repo:org/app:**' }, ['repo:org/app:ref:refs/heads/main'], ['repo:org/app2:ref', 7]],
    [{ glob: 'a.b' }, ['a.b'], ['axb']],
    [{ all: [{ glob: 'a*' }, { not: 'ab' }] }, ['ac'], ['ab', 'b', undefined]],
    [{ any: ['a', { glob: 'b*' }] }, ['a', 'bc'], ['c', undefined]],
    [{ some: 'a' }, [['a'], ['b', 'a']], ['a', [], ['b'], undefined]],
    [{ every: { glob: 'a*' } }, [['ab'], ['ab', 'ac']], ['ab', [], ['ab', 'b'], ['ab', 7]]],
    [{ all: [{ some: 'a' }, { some: 'b' }] }, [['a', 'b']], [['a'], ['b'], 'ab']],
    [{ not: { some: 'a' } }, [['b']], [['a'], [], 'b', undefined, ['b', 'a']]],
  ]
  test.each(table)('%j holds for what it says', (rule, good, bad) => {
    expect(good.filter((claim) => !satisfies(claim, rule))).toEqual([])
    expect(bad.filter((claim) => satisfies(claim, rule))).toEqual([])
  })
})

describe('claimAt()', () => {
  const claims = JSON.parse(
    '{"a":{"b":[{"c":1}]},"a.b":2,"https://x.example/y":3,"__proto__":{"z":4},"~/":{"m":5}}',
  )
  test.each([
    ['/a/b/0/c', 1],
    ['a.b', 2],
    ['https://x.example/y', 3],
    ['/https:~1~1x.example~1y', 3],
    ['/~0~1/m', 5],
    ['/a/b/c', undefined],
    ['/a/b/00/c', undefined],
    ['z', undefined],
    ['toString', undefined],
    ['/a/constructor', undefined],
    ['/a/b/length', undefined],
  ])('%s is %j', (path, value) => {
    expect(claimAt(claims, path)).toBe(value)
  })
})

describe('the schemas of rules', () => {
  test.each([
    { glob: '!prod' },
    { glob: '*'.repeat(33) },
    { in: [] },
    { in: ['a', null] },
    { not: { not: { not: { not: { not: 'a' } } } } },
    { glob: 'a', not: 'b' },
    { matches: 'a' },
    {},
    [],
    null,
    1.5,
  ])('refuse %j', (rule) => {
    expect(parseWith(claimRule, rule)).toHaveProperty('problem')
  })

  test.each(['!prod', 'repo:*', 'a?', { not: 'a' }, 7, '', { glob: '!a' }])(
    'refuse the subject %j',
    (subject) => {
      expect(parseWith(subjectRule, subject)).toHaveProperty('problem')
    },
  )

  test('keep what they accept, and name the claim that they refuse', () => {
    const rules = { repository_id: '7', '/a/b': { some: { glob: 'x*' } } }
    expect(parseWith(claimRules, rules)).toEqual({ value: rules })
    expect(parseWith(claimRules, { '/a~2': 'x' })).toHaveProperty('problem')
    expect(parseWith(claimRules, JSON.parse('{"__proto__":"x"}'))).toHaveProperty('problem')
  })
})

describe('attest()', () => {
  test('takes single values as texts, and names what is missing', () => {
    const claims = { a: 'x', b: 7, c: false, d: ['y'], e: { f: 'z' } }
    const wanted = { one: 'a', two: 'b', three: 'c', four: 'd', five: '/e/f', six: 'g' }
    expect(attest(claims, wanted)).toEqual({
      values: { one: 'x', two: '7', three: 'false', five: 'z' },
      missing: ['four', 'six'],
    })
  })
})
