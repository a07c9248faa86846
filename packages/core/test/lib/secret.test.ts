import { inspect } from 'node:util'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { toBase62Word } from '../../src/lib/base62.ts'
import { hasSecretForm, hideSecrets, mintSecret, withoutSecrets } from '../../src/lib/secret.ts'
import { seededBytes, seededNumbers } from './random.ts'

const form = { prefix: 'cst', kind: 'cs' }
const random = seededBytes(41)
const secret = mintSecret(form, random)

describe('mintSecret()', () => {
  test('writes prefix, kind, 43 digits and a checksum', () => {
    expect(secret).toMatch(/^cst_cs_[0-9A-Za-z]{49}$/)
    expect(mintSecret(form, random)).not.toBe(secret)
  })

  test.skipIf(typeof crc32 !== 'function')('checks itself with the CRC-32 of zlib', () => {
    expect(secret.slice(-6)).toBe(toBase62Word(crc32(secret.slice(0, -6))))
  })
})

describe('hasSecretForm()', () => {
  test('knows what mintSecret() made', () => {
    for (let round = 0; round < 1000; round += 1)
      expect(hasSecretForm(mintSecret(form, random), form)).toBe(true)
  })

  test('TOK-006 refuses 10,000 random texts of the right length', () => {
    const next = seededNumbers(42)
    for (let round = 0; round < 10_000; round += 1) {
      const digits = Array.from({ length: 49 }, () => Math.floor(next() * 36).toString(36)).join('')
      expect(hasSecretForm(`cst_cs_${digits}`, form)).toBe(false)
    }
  })

  test('TOK-008 refuses every other case of a letter', () => {
    expect(hasSecretForm(secret.toUpperCase(), form)).toBe(false)
    for (let index = 0; index < secret.length; index += 1) {
      const letter = secret.charAt(index)
      const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
      if (other === letter) continue
      expect(hasSecretForm(secret.slice(0, index) + other + secret.slice(index + 1), form)).toBe(
        false,
      )
    }
  })

  test('TOK-009 refuses look-alikes and invisible characters', () => {
    const twin = secret.replace(/[A-Za-z]/, (letter) =>
      String.fromCharCode(letter.charCodeAt(0) + 0xfee0),
    )
    const last = String.fromCharCode(secret.charCodeAt(55) + 0x100)
    for (const text of [
      twin,
      `${secret.slice(0, 55)}${last}`,
      `${secret}\u200B`,
      `\uFEFF${secret}`,
      `${secret}\0`,
    ])
      expect(hasSecretForm(text, form)).toBe(false)
    expect(hasSecretForm(` ${secret}`, form) || hasSecretForm(`${secret}\n`, form)).toBe(false)
  })

  test('TOK-019 refuses another kind and another prefix', () => {
    expect(hasSecretForm(secret, { prefix: 'cst', kind: 'st' })).toBe(false)
    expect(hasSecretForm(secret, { prefix: 'abc', kind: 'cs' })).toBe(false)
    const moved = mintSecret({ prefix: 'cst', kind: 'st' }, random).replace('_st_', '_cs_')
    expect(hasSecretForm(moved, form)).toBe(false)
  })

  test('refuses the empty text and lengths around the right one', () => {
    for (const text of ['', 'cst_cs_', secret.slice(0, -1), `${secret}0`])
      expect(hasSecretForm(text, form)).toBe(false)
  })
})

describe('hideSecrets()', () => {
  const value = 'cst_cs_top-secret'
  const hidden = hideSecrets({ id: 'x', list: [1] }, { secret: value, nested: { value } })

  test('answers the secrets by name', () => {
    expect(hidden.secret).toBe(value)
    expect(hidden.nested.value).toBe(value)
    expect(hidden.id).toBe('x')
  })

  test.each([
    ['JSON.stringify', () => JSON.stringify(hidden)],
    ['spread', () => JSON.stringify({ ...hidden })],
    ['Object.assign', () => JSON.stringify(Object.assign({}, hidden))],
    ['structuredClone', () => inspect(structuredClone(hidden), { showHidden: true })],
    ['Object.keys', () => Object.keys(hidden).join()],
    ['Object.entries', () => JSON.stringify(Object.entries(hidden))],
    ['inspect', () => inspect(hidden)],
    ['inspect, all of it', () => inspect(hidden, { showHidden: true, depth: 10, getters: true })],
    ['inspect, inside', () => inspect({ a: [hidden] }, { showHidden: true, depth: null })],
    ['inspect, raw', () => inspect(hidden, { showHidden: true, depth: 10, customInspect: false })],
    [
      'inspect, as assert does',
      () => inspect(hidden, { customInspect: false, getters: true, depth: 1000 }),
    ],
    ['String', () => `${String(hidden)}${inspect(new Error('x', { cause: hidden }))}`],
  ])('KEY-007 shows no value to %s', (_, show) => expect(show()).not.toContain('top-secret'))

  test('prints the name of a secret as redacted', () => {
    expect(inspect(hidden)).toBe(
      "{ id: 'x', list: [ 1 ], secret: '[redacted]', nested: '[redacted]' }",
    )
  })

  test('keeps what an earlier call hid', () => {
    const twice = hideSecrets(hideSecrets({ a: 1 }, { first: value }), { second: value })
    expect([twice.first, twice.second]).toEqual([value, value])
    expect(inspect(twice)).toBe("{ a: 1, first: '[redacted]', second: '[redacted]' }")
  })

  test('answers a frozen copy', () => {
    const record = { id: 'x' }
    const copy = hideSecrets(record, { secret: value })
    expect(Object.isFrozen(copy)).toBe(true)
    expect(copy).not.toBe(record)
    expect(Object.keys(record)).toEqual(['id'])
  })
})

describe('withoutSecrets()', () => {
  test('takes out our secrets of any prefix, and JWTs, wherever they stand', () => {
    const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'
    const other = mintSecret({ prefix: 'acme1', kind: 'st' }, random)
    for (const text of [secret, other, jwt, jwt.slice(0, -12)]) {
      expect(withoutSecrets(text)).toBe('[redacted]')
      expect(withoutSecrets(`a ${text}, ${text}`)).toBe('a [redacted], [redacted]')
    }
  })

  test('leaves everything else', () => {
    for (const text of ['', 'curl/8.5.0', 'req-01HZX', 'cst_cs_short', 'eyJ', 'a.b.c'])
      expect(withoutSecrets(text)).toBe(text)
  })
})
