import { parseStrictJson, readJwt } from '@countersign/evidence'
import { fakeKey, signJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'

const key = fakeKey('EdDSA')
const sign = (payload: object | string, header: object | string = { alg: 'EdDSA' }) =>
  signJwt(key, header, payload)

describe('readJwt()', () => {
  test('takes a token apart, and inherits nothing', () => {
    const read = readJwt(sign('{"sub":"a","__proto__":{"iss":"evil"}}'))
    expect(read).toMatchObject({ header: { alg: 'EdDSA' }, claims: { sub: 'a' } })
    expect(typeof read === 'object' && 'iss' in read.claims).toBe(false)
  })

  const token = sign({ sub: 'a' })
  const [first, second, third] = token.split('.')
  test.each([
    ['empty', ''],
    ['a line behind it', `${token}\n`],
    ['a blank before it', ` ${token}`],
    ['padding', `${token}=`],
    ['the other alphabet', `${first}.${second}.+/8A`],
    ['two segments', `${first}.${second}`],
    ['an empty signature', `${first}.${second}.`],
    ['five segments', `${token}.a.b`],
    ['too much of it', sign({ sub: 'a'.repeat(8000) })],
    ['unused bits that are set', `${first}.${second}.${third?.slice(0, -1)}B`],
  ])('refuses a form with %s', (_what, text) => {
    expect(readJwt(text)).toBe('form')
  })

  test.each([
    ['a list', '[]'],
    ['a text', '"sub"'],
    ['no JSON', '{sub:1}'],
    ['a member twice', '{"sub":"a","sub":"b"}'],
    ['a member twice, once escaped', '{"sub":"a","s\\u0075b":"b"}'],
    ['a member twice, deep inside', '{"a":[{"b":1,"b":2}]}'],
    ['another spelling of a registered claim', '{"sub":"a","Sub":"b"}'],
    ['a look-alike of a registered claim', '{"ſub":"a"}'],
    ['a byte order mark', '\ufeff{}'],
    ['deep nesting', `{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`],
  ])('refuses a payload of %s', (_what, payload) => {
    expect(readJwt(sign(payload))).toBe('payload')
  })
})

describe('parseStrictJson()', () => {
  test.each([
    '{"a":{"b":1},"b":{"b":2}}',
    '[{"a":1},{"a":2}]',
    '{"a":"b:\\"a\\":","b":"{"}',
    '{"a" : ["x","x"], "b":null}',
    '{"a":"a","b":"a"}',
  ])('reads %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  test('is linear in what it reads', () => {
    const text = `{"a":"${'\\"'.repeat(3000)}","b":"${':'.repeat(3000)}"}`
    expect(parseStrictJson(text)).toBeDefined()
  })
})
