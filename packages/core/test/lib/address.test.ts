import { isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/lib/address.ts'
import { formatAddress, parseAddress } from '../../src/lib/address.ts'
import { seededNumbers } from './random.ts'
import { mutate, randomAddress } from './random-addresses.ts'

const rewritten = (text: string) => {
  const address = parseAddress(text)
  return address && formatAddress(address)
}
describe('parseAddress()', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('reads %s, which formatAddress() writes as %s', (text, expected) => {
    expect(rewritten(text)).toBe(expected)
  })

  test('IPX-002 unwraps an IPv4-mapped address in every spelling', () => {
    for (const text of [
      '::ffff:10.0.0.1',
      '::ffff:a00:1',
      '::FFFF:0a00:0001',
      '0:0:0:0:0:ffff:10.0.0.1',
    ])
      expect(rewritten(text)).toBe('10.0.0.1')
  })

  test('IPX-006 unwraps no other embedding', () => {
    for (const text of [
      '64:ff9b::a00:1',
      '2002:a00:1::',
      '::10.0.0.1',
      '::ffff:0:10.0.0.1',
      '2001:0:a00:1::',
    ])
      expect(parseAddress(text)?.family).toBe(6)
  })

  test.each([
    '0177.0.0.1',
    '0x7f.1',
    '127.1',
    '2130706433',
    '012.0.0.1',
    '10',
    '00.0.0.0',
    '1.2.3.00',
  ])('IPX-007 refuses the octal, hexadecimal, short or integer form %s', (text) =>
    expect(parseAddress(text)).toBeUndefined(),
  )

  test.each([
    '10.0.0.256',
    '10.0.0.1.',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1\n',
    '10.0.0.1:443',
    '[::1]:443',
    '[::1]',
    '10.0.0.1%0a',
    'fe80::1%eth0',
    '::ffff:10.0.0.1%x',
    '',
    '.',
    '1.2.3',
    '1.2.3.4.5',
    '1..2.3',
    '.1.2.3.4',
    '１.2.3.4',
    '+1.2.3.4',
    '-1.2.3.4',
    '1e1.2.3.4',
    '10.0.0.1\0',
    '10.0.0.0/8',
  ])('IPX-008 refuses %j', (text) => expect(parseAddress(text)).toBeUndefined())

  test.each([
    ':',
    ':::',
    '::::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '::12345',
    '::g',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    '::01.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::-1',
    '::0x1',
    ':: 1',
  ])('refuses the ill-formed IPv6 text %j', (text) => expect(parseAddress(text)).toBeUndefined())

  test('agrees with net.isIP() on thousands of mutated spellings', () => {
    const next = seededNumbers(11)
    for (let round = 0; round < 20_000; round += 1) {
      const text = mutate(randomAddress(next), next)
      if (text.includes('%')) continue
      const family = parseAddress(text)?.family ?? 0
      const mapped = family === 4 && text.includes(':')
      expect({ text, family: mapped ? 6 : family }).toEqual({ text, family: isIP(text) })
    }
  })

  test('reads again what formatAddress() wrote', () => {
    const next = seededNumbers(12)
    for (let round = 0; round < 5000; round += 1) {
      const address = parseAddress(randomAddress(next)) as Address
      const text = formatAddress(address)
      expect(parseAddress(text)).toEqual(address)
      // WHATWG URL writes RFC 5952 too.
      if (address.family === 6) expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`)
    }
  })
})
