import { BlockList, isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/lib/address.ts'
import {
  compileNetworks,
  formatAddress,
  formatNetwork,
  parseAddress,
  parseNetwork,
  sourceNetworkOf,
} from '../../src/lib/address.ts'
import { seededNumbers } from './random.ts'

const rewritten = (text: string) => {
  const address = parseAddress(text)
  return address && formatAddress(address)
}
const renetworked = (text: string) => {
  const network = parseNetwork(text)
  return network && formatNetwork(network)
}
const admits = (networks: readonly string[], text: string) =>
  compileNetworks(networks)(parseAddress(text) as Address)

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

describe('parseNetwork()', () => {
  test.each([
    '10/8',
    '10.0.0.0/08',
    '10.0.0.0/8x',
    '10.0.0.0/8/9',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '0x0a.0.0.0/8',
    '10.0.0.0/ 8',
    '',
    '/',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/+8',
    '10.0.0.0/8 ',
    '10.0.0.0/1e1',
    '::/129',
    '::/128.0',
  ])('IPX-010 refuses %j', (text) => expect(parseNetwork(text)).toBeUndefined())

  test('IPX-004 takes a mapped block for the IPv4 block it stands for', () => {
    expect(renetworked('::ffff:10.0.0.0/104')).toBe('10.0.0.0/8')
    expect(renetworked('::ffff:0:0/96')).toBe('0.0.0.0/0')
    expect(renetworked('::ffff:10.0.0.1')).toBe('10.0.0.1')
    expect(parseNetwork('::ffff:10.0.0.0/95')).toBeUndefined()
    expect(parseNetwork('::ffff:10.0.0.0/8')).toBeUndefined()
    expect(admits(['::ffff:10.0.0.0/104'], '10.0.0.1')).toBe(true)
    expect(admits(['::ffff:10.0.0.0/104'], '::ffff:10.0.0.1')).toBe(true)
    expect(admits(['::ffff:10.0.0.0/104'], '11.0.0.1')).toBe(false)
  })

  test('IPX-011 clears host bits', () => {
    expect(renetworked('10.1.2.3/8')).toBe('10.0.0.0/8')
    expect(renetworked('2001:db8:ffff::1/36')).toBe('2001:db8:f000::/36')
    expect(renetworked('255.255.255.255/0')).toBe('0.0.0.0/0')
    expect(renetworked('10.0.0.1/32')).toBe('10.0.0.1')
    expect(renetworked('2001:db8::1/128')).toBe('2001:db8::1')
  })
})

describe('compileNetworks()', () => {
  test('IPX-001 admits both ends of a block and neither neighbour', () => {
    expect(admits(['10.0.0.0/8'], '10.0.0.0')).toBe(true)
    expect(admits(['10.0.0.0/8'], '10.255.255.255')).toBe(true)
    expect(admits(['10.0.0.0/8'], '9.255.255.255')).toBe(false)
    expect(admits(['10.0.0.0/8'], '11.0.0.0')).toBe(false)
  })

  test('IPX-003 IPX-006 admits neither a mapped stranger nor an embedded friend', () => {
    expect(admits(['192.168.0.0/16'], '::ffff:10.0.0.1')).toBe(false)
    for (const text of ['64:ff9b::a00:1', '2002:a00:1::', '2001:0:a00:1::', '::10.0.0.1'])
      expect(admits(['10.0.0.0/8'], text)).toBe(false)
  })

  test('IPX-013 keeps the families apart, any of one admits none of the other', () => {
    expect(admits(['0.0.0.0/0'], '2001:db8::1')).toBe(false)
    expect(admits(['::/0'], '10.0.0.1')).toBe(false)
    expect(admits(['::/0', '0.0.0.0/0'], '10.0.0.1')).toBe(true)
    expect(admits(['::/0'], 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).toBe(true)
    expect(admits(['0.0.0.0/0'], '255.255.255.255')).toBe(true)
  })

  test('IPX-022 throws for an entry it cannot read, naming its position and not its text', () => {
    expect(() => compileNetworks(['10.0.0.0/8', '10.9.0.0/16x'])).toThrow(TypeError)
    expect(() => compileNetworks(['10.0.0.0/8', '10.9.0.0/16x'])).toThrow(/^Entry 1 /)
  })

  test('admits nobody when the list is empty', () => {
    expect(admits([], '10.0.0.1')).toBe(false)
    expect(admits([], '::1')).toBe(false)
  })

  test('agrees with net.BlockList on thousands of random networks and addresses', () => {
    const next = seededNumbers(13)
    for (let round = 0; round < 60; round += 1) {
      const networks = Array.from({ length: 1 + Math.floor(next() * 40) }, () =>
        randomNetwork(next),
      )
      // One list a family: BlockList lets an IPv6 list admit IPv4.
      const lists = { 4: new BlockList(), 6: new BlockList() }
      for (const { address, prefix, family } of networks)
        lists[family].addSubnet(address, prefix, `ipv${family}`)
      const matches = compileNetworks(networks.map(({ address, prefix }) => `${address}/${prefix}`))
      for (let probe = 0; probe < 100; probe += 1) {
        const near = networks[Math.floor(next() * networks.length)]
        const text = probe % 2 && near ? near.address : randomPlain(next)
        const address = parseAddress(text) as Address
        const expected = lists[address.family].check(text, `ipv${address.family}`)
        expect({ text, networks, answer: matches(address) }).toEqual({
          text,
          networks,
          answer: expected,
        })
      }
    }
  })
})

describe('sourceNetworkOf()', () => {
  test('answers an IPv4 host itself and the /64 around an IPv6 host', () => {
    expect(sourceNetworkOf(parseAddress('10.0.0.1') as Address)).toBe('10.0.0.1')
    expect(sourceNetworkOf(parseAddress('::ffff:10.0.0.1') as Address)).toBe('10.0.0.1')
    expect(sourceNetworkOf(parseAddress('2001:db8:1:2:3:4:5:6') as Address)).toBe(
      '2001:db8:1:2::/64',
    )
  })
})

type Next = () => number

function randomQuad(next: Next): string {
  return Array.from({ length: 4 }, () => Math.floor(next() * 256)).join('.')
}

/** Few different groups, so that networks nest and runs of zeros meet. */
function randomIpv6(next: Next): string {
  const groups = Array.from({ length: 8 }, () =>
    next() < 0.5 ? '0' : Math.floor(next() ** 3 * 65_536).toString(16),
  )
  if (groups[0] === '0') groups[0] = '2001'
  return groups.join(':')
}

function randomPlain(next: Next): string {
  return next() < 0.5 ? randomQuad(next) : randomIpv6(next)
}

function randomAddress(next: Next): string {
  const text = randomPlain(next)
  if (next() < 0.3) return text.replace(/(?:^|:)0(?::0)+(?:$|:)/, '::')
  if (next() < 0.1) return `::${randomQuad(next)}`
  return next() < 0.1 ? `::ffff:${randomQuad(next)}` : text
}

function randomNetwork(next: Next): { address: string; prefix: number; family: 4 | 6 } {
  const address = next() < 0.5 ? randomQuad(next) : randomIpv6(next)
  const family = address.includes(':') ? 6 : 4
  return { address, prefix: Math.floor(next() * (family === 4 ? 33 : 129)), family }
}

function mutate(text: string, next: Next): string {
  let mutated = text
  const changes = Math.floor(next() * 4)
  for (let change = 0; change < changes; change += 1) {
    const at = Math.floor(next() * (mutated.length + 1))
    const removed = Math.floor(next() * 2)
    const added = next() < 0.7 ? '0123456789abcdefF:.:. /xg['.charAt(Math.floor(next() * 26)) : ''
    mutated = mutated.slice(0, at) + added + mutated.slice(at + removed)
  }
  return mutated
}
