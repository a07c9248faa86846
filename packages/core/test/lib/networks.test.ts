import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/lib/address.ts'
import {
  compileNetworks,
  formatNetwork,
  parseAddress,
  parseNetwork,
  sourceNetworkOf,
} from '../../src/lib/address.ts'
import { seededNumbers } from './random.ts'
import { randomNetwork, randomPlain } from './random-addresses.ts'

const renetworked = (text: string) => {
  const network = parseNetwork(text)
  return network && formatNetwork(network)
}
const admits = (networks: readonly string[], text: string) =>
  compileNetworks(networks)(parseAddress(text) as Address)

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

describe('compileNetworks() on crowded lists', () => {
  test.each([
    ['10.', '.0/25', 256],
    ['10.7.7.', '', 256],
    ['2001:db8:0:1:2:3:4:', '', 65_536],
    ['2001:db8:', '::/48', 65_536],
    ['2001:db8:0:1:2:3:', ':0/113', 65_536],
  ])('agrees with a plain search for %s*%s', (head, tail, size) => {
    const next = seededNumbers(14)
    const group = () => Math.floor(next() ** 4 * size)
    const written = () => (head.includes(':') ? group().toString(16) : `${group()}`)
    const entry = () =>
      head === '10.' ? `10.${written()}.${written()}${tail}` : `${head}${written()}${tail}`
    const networks = Array.from({ length: 1000 }, entry)
    const matches = compileNetworks(networks)
    const plain = networks.map((network) => compileNetworks([network]))
    for (let probe = 0; probe < 300; probe += 1) {
      const text = entry()
        .replace(/\/\d+$/, '')
        .replace(/0$/, () => (next() < 0.5 ? '0' : '1'))
      const address = parseAddress(text) as Address
      const expected = plain.some((matcher) => matcher(address))
      expect({ text, answer: matches(address) }).toEqual({ text, answer: expected })
    }
  })

  test('lets a wide network hold narrow ones, whatever the order', () => {
    for (const list of [
      ['10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/24'],
      ['10.0.0.0/24', '10.1.0.0/16', '10.0.0.0/8'],
    ])
      expect([
        admits(list, '10.255.0.1'),
        admits(list, '10.1.2.3'),
        admits(list, '11.0.0.1'),
      ]).toEqual([true, true, false])
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
