import { describe, expect, test } from 'vitest'
import { toDisplayName } from '../../src/lib/text.ts'

describe('toDisplayName()', () => {
  test.each([
    ['a', 'a'],
    ['CI runner (prod) #1', 'CI runner (prod) #1'],
    ['Zoe\u0308', 'Zo\u00EB'],
    ['名前', '名前'],
    ['❤\uFE0F', '❤\uFE0F'],
    ['😀'.repeat(256), '😀'.repeat(256)],
    ['x'.repeat(256), 'x'.repeat(256)],
  ])('answers %j in its normal form', (text, expected) =>
    expect(toDisplayName(text)).toBe(expected),
  )

  test.each([
    '',
    ' ',
    ' a',
    'a ',
    '\u00A0a',
    'a\u3000',
    'a\tb',
    'a\nb',
    'a\0b',
    'a\u007F',
    'a\u0085b',
    'a\u202Eb',
    'a\u2066b',
    'a\u200Bb',
    'a\u200Db',
    'a\uFEFF',
    'a\u2028b',
    'a\u00ADb',
    'a\u061Cb',
    'a\uD800',
    '\uDC00a',
    'a\u3164',
    'a\u{E0041}',
    'a\uFFFE',
    'a\u{F0000}',
    'a\u2800b',
    'x'.repeat(257),
    '😀'.repeat(257),
    'x'.repeat(100_000),
  ])('refuses %j', (text) => expect(toDisplayName(text)).toBeUndefined())
})
