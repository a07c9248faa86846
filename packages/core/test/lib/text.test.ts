import { describe, expect, test } from 'vitest'
import { toDisplayName, toNote, toPlainText } from '../../src/lib/text.ts'

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

describe('toPlainText()', () => {
  test('puts one character in the place of each that nobody should see raw', () => {
    expect(toPlainText('a\nb\r\u2028c\u001b[31m\u0000\ud800\u202e\u{e0041}')).toBe(
      'a\ufffdb\ufffd\ufffdc\ufffd[31m\ufffd\ufffd\ufffd\ufffd',
    )
  })

  test('leaves what can be shown as it is', () => {
    for (const text of ['', 'plain', 'Zoë 😀 "\\', '\ufffd']) expect(toPlainText(text)).toBe(text)
  })
})

describe('toNote()', () => {
  test('cuts at 256 characters, with a mark, and never leaves half a character', () => {
    expect(toNote('x'.repeat(256))).toBe('x'.repeat(256))
    expect(toNote('x'.repeat(257))).toBe(`${'x'.repeat(255)}…`)
    const note = toNote(`x${'😀'.repeat(1000)}`)
    expect([note.length, note.endsWith('…'), /\p{Surrogate}/u.test(note)]).toEqual([
      256,
      true,
      false,
    ])
    const odd = toNote('😀'.repeat(1000))
    expect([odd.length, odd.slice(-2), /\p{Surrogate}/u.test(odd)]).toEqual([256, '\ufffd…', false])
  })
})
