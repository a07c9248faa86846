import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileGlob, refuseGlob } from '../../src/lib/glob.ts'
import { patterns, seeded, separators, texts } from './generators.ts'
import { naiveGlob } from './naive-glob.ts'
import { verdicts } from './picomatch-verdicts.ts'

const matches = (pattern: string, text: string, by = '/') => compileGlob(pattern, by).matches(text)

/** A text that counts how often a character of it is read. */
function counted(length: number, at: (index: number) => string) {
  let reads = 0
  const text = {
    length,
    startsWith: (prefix: string) => [...prefix].every((letter, index) => letter === at(index)),
    endsWith: () => true,
    charCodeAt: (index: number) => {
      reads++
      return at(index).charCodeAt(0)
    },
  }
  return { text: text as unknown as string, reads: () => reads }
}

describe('compileGlob()', () => {
  test('matches what the rule says, letter by letter', () => {
    fc.assert(
      fc.property(patterns, texts, fc.constantFrom(...separators), (pattern, text, by) => {
        expect(matches(pattern, text, by)).toBe(naiveGlob(pattern, text, by))
      }),
      seeded(10_000),
    )
  })

  test('matches the same with more than 32 states as with fewer', () => {
    const stem = 'a'.repeat(40)
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const long = [`**b${stem}${pattern}`, `bb${stem}${text}`] as const
        expect(matches(...long)).toBe(naiveGlob(...long, '/'))
      }),
      seeded(3000),
    )
  })

  test.each(verdicts)('says $ours to $text by $pattern, where picomatch says $picomatch', (row) => {
    expect(matches(row.pattern, row.text)).toBe(row.ours)
    expect(row.why === undefined).toBe(row.ours === row.picomatch)
  })

  test('PRM-004 lets * stay in its segment, and ** leave it', () => {
    const said = ['dev/a', 'dev/a/b', 'dev/', 'devx/a', 'dev'].map((text) => matches('dev/*', text))
    expect(said).toEqual([true, false, false, false, false])
    expect(matches('dev/**', 'dev/a/b')).toBe(true)
  })

  test.each(['a*b', '[x]', '{a,b}', '!x', 'a\\b', '(x)', '+(x)', 'x\ny', '^x$', '.', '$&'])(
    'PRM-005 takes %j in a text as it stands, and all but * and ? in a pattern',
    (name) => {
      expect(matches(name, name)).toBe(true)
      for (const other of ['a', 'b', 'x', 'ab', 'axb', 'xx', 'y', 'a/b'])
        expect(matches(name, other)).toBe(name === 'a*b' && other === 'axb')
      expect(matches('**', name)).toBe(true)
    },
  )

  test('separates by what the field says', () => {
    expect(matches('repo:org/app:**', 'repo:org/app:ref:refs/heads/main', ':/')).toBe(true)
    expect(matches('arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/ci/deploy', ':/')).toBe(false)
    expect(matches('*.example.com', 'a.b.example.com', '.')).toBe(false)
    expect(matches('a/*', 'a/b/c', '')).toBe(true)
  })

  test.each([
    ['*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b', 'a'],
    [`**${'a'.repeat(900)}**${'a'.repeat(90)}b`, 'a'],
    ['**a**a**a**a**a**a**a**a**a**a**b', 'a'],
    ['**/a*/**/a*/**/a*/**/b', '/a'],
    [`**${'?a'.repeat(400)}?b`, 'a'],
    ['a*?*?*?*?*?*?*?*b', 'a'],
    ['a*a', 'a'],
    ['/**/b', '/a'],
  ])('PRM-007 reads each character of a hostile text once (case %#)', (pattern, unit) => {
    const cost = (length: number): number => {
      const { text, reads } = counted(length, (index) => unit[index % unit.length] ?? '')
      compileGlob(pattern, '/').matches(text)
      return reads()
    }
    for (const length of [1, 10, 73, 514, 3601, 25_000, 50_000]) {
      expect(cost(length)).toBeLessThanOrEqual(length)
      expect(cost(2 * length)).toBeLessThanOrEqual(3 * cost(length))
    }
    expect(cost(100_000)).toBeLessThanOrEqual(100_000)
  })
})

describe('refuseGlob()', () => {
  test('PRM-007 caps the length and the stars of a pattern', () => {
    expect(refuseGlob('a'.repeat(1025))).toBe('must be at most 1024 characters long')
    expect(refuseGlob('*a'.repeat(33))).toBe('must have at most 32 stars')
    expect(refuseGlob('*a'.repeat(32))).toBeUndefined()
    expect(refuseGlob('a'.repeat(1024))).toBeUndefined()
    expect(() => compileGlob('*a'.repeat(200), '/')).toThrow(RangeError)
  })

  test('refuses three stars in a row, which could mean two things', () => {
    expect(refuseGlob('/a/***')).toBe('must not have three stars in a row')
  })
})
