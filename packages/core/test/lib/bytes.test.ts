import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import {
  concatBytes,
  decodeBase64Url,
  encodeBase64Url,
  fromBase64Url,
  fromUtf8,
  toBase64Url,
  toUtf8,
} from '../../src/lib/bytes.ts'
import { seededBytes, seededNumbers } from './random.ts'

describe.each([
  ['with the codec of the platform', toBase64Url, fromBase64Url],
  ['without it', encodeBase64Url, decodeBase64Url],
])('base64url %s', (_, encode, decode) => {
  test('toBase64Url() and fromBase64Url() agree with Buffer on every length', () => {
    const random = seededBytes(21)
    for (let size = 0; size < 300; size += 1) {
      const bytes = random(size)
      const text = encode(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(decode(text)).toEqual(bytes)
    }
  })

  test.each([
    'A',
    'AAAAA',
    'AA==',
    'AAA=',
    'AB',
    'AAB',
    'A+',
    'A/',
    'AA A',
    ' AA',
    'AA\n',
    'AÀ',
    'AA.',
    'Aé',
    'AĀAA',
  ])('fromBase64Url() refuses %j', (text) => expect(decode(text)).toBeUndefined())
})

test('fromBase64Url() answers the same with and without the platform, for random texts', () => {
  const next = seededNumbers(22)
  const alphabet = 'ABCwxyz0189-_-_+/= '
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from({ length: Math.floor(next() * 9) }, () =>
      alphabet.charAt(Math.floor(next() * alphabet.length)),
    ).join('')
    expect({ text, bytes: decodeBase64Url(text) }).toEqual({ text, bytes: fromBase64Url(text) })
  }
})

test('fromUtf8() answers nothing for ill-formed bytes', () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xf4, 0x90, 0x80, 0x80],
  ])
    expect(fromUtf8(Uint8Array.from(bytes))).toBeUndefined()
})

test('fromUtf8() keeps a byte order mark in the text', () => {
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\uFEFFA')
})

test('toUtf8() agrees with TextEncoder, on a lone surrogate too', () => {
  for (const text of ['', 'a', 'é€😀', '\uD800', '\uFEFFa'])
    expect(toUtf8(text)).toEqual(new TextEncoder().encode(text))
})

test('concatBytes() joins in order', () => {
  expect(concatBytes()).toEqual(new Uint8Array(0))
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3),
  )
})
