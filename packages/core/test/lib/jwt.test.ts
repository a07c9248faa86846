import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { encodeJwtInput, hasJwtForm, MAX_JWT_LENGTH, parseJwt } from '../../src/lib/jwt.ts'
import { seededNumbers } from './random.ts'

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')
const input = encodeJwtInput({ alg: 'EdDSA', kid: 'k' }, { sub: 'é', exp: 1 })
const token = `${input}.AAAA`

describe('parseJwt()', () => {
  test('takes apart what encodeJwtInput() made', () => {
    const parsed = parseJwt(token)
    expect({ ...parsed?.header }).toEqual({ alg: 'EdDSA', kid: 'k' })
    expect({ ...parsed?.claims }).toEqual({ sub: 'é', exp: 1 })
    expect(parsed?.signed).toEqual(new TextEncoder().encode(input))
    expect(parsed?.signature).toEqual(new Uint8Array(3))
  })

  test('answers records that inherit nothing', () => {
    const parsed = parseJwt(
      `${encode('{"alg":"x"}')}.${encode('{"__proto__":{"admin":true}}')}.AAAA`,
    )
    expect(Object.getPrototypeOf(parsed?.header)).toBeNull()
    expect(Object.getPrototypeOf(parsed?.claims)).toBeNull()
    expect(parsed?.claims['admin']).toBeUndefined()
    expect(parsed?.claims['constructor']).toBeUndefined()
    expect(Object.keys(parsed?.claims ?? {})).toEqual(['__proto__'])
  })

  const [header = '', claims = ''] = input.split('.')
  test.each([
    ['TOK-001', ''],
    ['TOK-001', ' '],
    ['TOK-001', '..'],
    ['TOK-012', `${input}.`],
    ['TOK-021', '{"payload":"e30","protected":"e30","signature":"AAAA"}'],
    ['TOK-021', `{"${token}":1}`],
    ['two segments', input],
    ['four segments', `${token}.AAAA`],
    ['five segments', `${token}..`],
    ['an empty header', `.${claims}.AAAA`],
    ['empty claims', `${header}..AAAA`],
    ['padding', `${token}=`],
    ['a trailing newline', `${token}\n`],
    ['a leading blank', ` ${token}`],
    ['unused bits', `${input}.AAB`],
    ['standard base64', `${input}.AA+/`],
    ['an impossible length', `${input}.AAAAA`],
    ['a look-alike', `${input}.АAAA`],
    ['a header that is no JSON', `${encode('{')}.${claims}.AAAA`],
    ['a list for claims', `${header}.${encode('[]')}.AAAA`],
    ['null for claims', `${header}.${encode('null')}.AAAA`],
    ['a number for a header', `${encode('1')}.${claims}.AAAA`],
    ['a text for claims', `${header}.${encode('"x"')}.AAAA`],
    ['ill-formed UTF-8', `${header}.${encode(Uint8Array.of(0x22, 0xff, 0x22))}.AAAA`],
    ['a byte order mark', `${header}.${encode('\uFEFF{}')}.AAAA`],
    ['deep nesting', `${header}.${encode('['.repeat(5000))}.AAAA`],
    ['more than 8192 characters', `${input}.${'A'.repeat(MAX_JWT_LENGTH - input.length)}`],
  ])('refuses %s (%#)', (_, text) => expect(parseJwt(text)).toBeUndefined())

  test('hasJwtForm() accepts exactly 8192 characters', () => {
    const longest = `${input}.${'A'.repeat(MAX_JWT_LENGTH - input.length - 1)}`
    expect(hasJwtForm(longest)).toBe(true)
    expect(hasJwtForm(`${longest}A`)).toBe(false)
  })

  test('answers for whatever text, never throws, and accepts nothing that hasJwtForm() refuses', () => {
    const next = seededNumbers(51)
    const alphabet = 'eyJhbGciOiJ9.._-AZ09+/= {}"\\\u0000é\uD800'
    for (let round = 0; round < 20_000; round += 1) {
      const at = Math.floor(next() * token.length)
      const noise = alphabet.charAt(Math.floor(next() * alphabet.length))
      const text = token.slice(0, at) + noise + token.slice(at + Math.floor(next() * 3))
      if (parseJwt(text)) expect(hasJwtForm(text)).toBe(true)
    }
  })

  test('answers no inherited claim for a name that is spelled with an escape', () => {
    const parsed = parseJwt(`${header}.${encode('{"\\u005f_proto__":{"sub":"x"}}')}.AAAA`)
    expect(parsed?.claims['sub']).toBeUndefined()
  })
})

describe('hasJwtForm()', () => {
  test('accepts three base64url segments and nothing else', () => {
    expect(hasJwtForm('a.b.c')).toBe(true)
    for (const text of [
      '',
      'a.b',
      'a.b.',
      '.b.c',
      'a..c',
      'a.b.c.d',
      'a.b.c\n',
      'a.b.c=',
      'a b.c.d',
      'a.b.ç',
    ])
      expect(hasJwtForm(text)).toBe(false)
  })
})
