import { Buffer } from 'node:buffer'
import { createHmac, hkdfSync } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { RootKey } from '../../src/lib/root-key.ts'
import { digestSecret, parseRootKey } from '../../src/lib/root-key.ts'
import { open, seal } from '../../src/lib/seal.ts'
import { seededBytes } from './random.ts'

const random = seededBytes(61)
const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const aRootKey = () => parseRootKey(encode(random(32))) as RootKey

describe('parseRootKey()', () => {
  test('accepts 10,000 keys that are drawn by chance', () => {
    for (let round = 0; round < 10_000; round += 1) expect(typeof aRootKey()).toBe('object')
  })

  test('derives its parts by HKDF, all different', () => {
    const bytes = random(32)
    const key = parseRootKey(encode(bytes)) as RootKey
    const derive = (info: string) => new Uint8Array(hkdfSync('sha256', bytes, '', info, 32))
    expect(key.digestKey).toEqual(derive('root-key/digest/v1'))
    expect(key.sealingKey).toEqual(derive('root-key/sealing/v1'))
    expect(key.id).toMatch(/^[A-Za-z0-9_-]{12}$/)
    expect((parseRootKey(encode(bytes)) as RootKey).id).toBe(key.id)
  })

  test('KEY-007 shows only the id', () => {
    const key = aRootKey()
    const shown = `${JSON.stringify(key)}${inspect(key, { showHidden: true, depth: 10 })}`
    expect(JSON.stringify(key)).toBe(JSON.stringify({ id: key.id }))
    expect(shown).not.toMatch(/Uint8Array/)
    expect(Object.keys(key)).toEqual(['id'])
  })

  test.each([
    ['', 'wrong_length'],
    [encode(random(31)), 'wrong_length'],
    [encode(random(33)), 'wrong_length'],
    [encode(new Uint8Array(16)), 'wrong_length'],
    ['secret', 'not_base64url'],
    [`${encode(random(32))}=`, 'not_base64url'],
    [` ${encode(random(32))}`, 'not_base64url'],
    [`${encode(random(32)).slice(0, 42)}/`, 'not_base64url'],
  ])('KEY-009 refuses %j as %s', (text, fault) => expect(parseRootKey(text)).toBe(fault))

  test.each<[string, Uint8Array | string]>([
    ['zeros', new Uint8Array(32)],
    ['ones', new Uint8Array(32).fill(255)],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, at) => at)],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, at) => 31 - at)],
    ['a pattern of 2', Uint8Array.from({ length: 32 }, (_, at) => (at % 2 ? 0xde : 0xad))],
    ['a pattern of 16', Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex')],
    ['a sentence', Buffer.from('correct horse battery staple 123')],
    ['repeated words', Buffer.from('changemechangemechangemechangeme')],
    ['hexadecimal digits', Buffer.from('9f86d081884c7d659a2feaa0c55ad015')],
    ['mostly zeros', Uint8Array.from({ length: 32 }, (_, at) => (at < 20 ? 0 : at * 7))],
    ['a word as text', 'passwordpasswordpasswordpasswordpasswordpaA'],
    ['the alphabet as text', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo'],
    ['a request as text', 'please-change-me-before-you-go-live-Xq7f2Zw'],
  ])('KEY-009 refuses %s as a placeholder', (_, key) => {
    const text = typeof key === 'string' ? `${key.slice(0, 42)}A` : encode(key)
    expect(parseRootKey(text)).toBe('placeholder')
  })
})

describe('digestSecret()', () => {
  test('answers HMAC-SHA-256 over purpose and secret, each after its length', () => {
    const key = aRootKey()
    const expected = createHmac('sha256', key.digestKey).update('2:cs3:abc').digest('base64url')
    expect(digestSecret(key, 'cs', 'abc')).toBe(expected)
  })

  test('differs by key, by purpose and by where one ends and the other begins', () => {
    const [key, other] = [aRootKey(), aRootKey()]
    const digests = [
      digestSecret(key, 'a', 'bc'),
      digestSecret(key, 'ab', 'c'),
      digestSecret(key, 'a1:', 'bc'),
      digestSecret(key, 'a', '1:bc'),
      digestSecret(other, 'a', 'bc'),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })
})

describe('seal()', () => {
  const key = aRootKey()
  const text = new TextEncoder().encode('a private key')
  const context = ['acme', 'amt_1']

  test('opens again under the same context, whichever place its key has', async () => {
    const sealed = await seal(key, text, context, random)
    expect(sealed).toMatch(new RegExp(`^v1\\.${key.id}\\.[A-Za-z0-9_-]+$`))
    expect(await open([aRootKey(), key], sealed, context)).toEqual(text)
    expect(await open([key], await seal(key, new Uint8Array(0), [], random), [])).toEqual(
      new Uint8Array(0),
    )
  })

  test('never answers the same twice', async () => {
    expect(await seal(key, text, context, random)).not.toBe(await seal(key, text, context, random))
  })

  test('stays closed under another context or without its key', async () => {
    const sealed = await seal(key, text, context, random)
    for (const other of [
      ['acme'],
      ['acme', 'amt_2'],
      ['acmea', 'mt_1'],
      ['amt_1', 'acme'],
      [...context, ''],
      [],
    ])
      expect(await open([key], sealed, other)).toBeUndefined()
    expect(await open([aRootKey()], sealed, context)).toBeUndefined()
    expect(await open([], sealed, context)).toBeUndefined()
  })

  test('stays closed when any character is changed', async () => {
    const sealed = await seal(key, text, context, random)
    for (let index = 0; index < sealed.length; index += 1) {
      const other = sealed.charAt(index) === 'A' ? 'B' : 'A'
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1)
      expect(await open([key], changed, context)).toBeUndefined()
    }
  })

  test('stays closed for what is no sealed text', async () => {
    const sealed = await seal(key, text, context, random)
    for (const other of [
      '',
      'v1',
      `v1.${key.id}`,
      `v1.${key.id}.`,
      `v1.${key.id}.AAAA`,
      `${sealed}.`,
      `${sealed}=`,
      sealed.replace('v1', 'v2'),
    ])
      expect(await open([key], other, context)).toBeUndefined()
  })
})
