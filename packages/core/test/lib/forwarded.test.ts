import { describe, expect, test } from 'vitest'
import { compileNetworks, formatAddress } from '../../src/lib/address.ts'
import { clientAddressOf } from '../../src/lib/forwarded.ts'

const proxies = compileNetworks(['10.9.0.0/16'])
const clientOf = (peer: string | undefined, header: string | undefined, trusted = proxies) => {
  const address = clientAddressOf(peer, header, trusted)
  return address && formatAddress(address)
}

describe('clientAddressOf()', () => {
  test('IPX-015 answers the right-most untrusted hop, whatever stands left of it', () => {
    expect(clientOf('10.9.0.5', '10.1.1.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(clientOf('10.9.0.5', 'garbage, 203.0.113.9 , 10.9.0.7')).toBe('203.0.113.9')
    expect(clientOf('::ffff:10.9.0.5', '203.0.113.9')).toBe('203.0.113.9')
    expect(clientOf('10.9.0.5', '2001:db8::1')).toBe('2001:db8::1')
  })

  test('IPX-016 answers the peer when it is no trusted proxy', () => {
    expect(clientOf('203.0.113.9', '10.1.1.1')).toBe('203.0.113.9')
  })

  test('IPX-017 answers the peer when no proxies are configured', () => {
    const address = clientAddressOf('10.9.0.5', '10.1.1.1', undefined)
    expect(address && formatAddress(address)).toBe('10.9.0.5')
  })

  test.each([
    ['10.1.1.1, garbage, 10.9.0.5'],
    ['10.1.1.1,,10.9.0.5'],
    ['10.1.1.1,'],
    [''],
    [' '],
    [','],
    [Array.from({ length: 10_000 }, () => '10.1.1.1').join(', ')],
    [Array.from({ length: 33 }, () => '10.1.1.1').join(', ')],
  ])('IPX-018 answers nothing for a broken or endless chain (%#)', (header) => {
    expect(clientOf('10.9.0.5', header)).toBeUndefined()
  })

  test('IPX-018 reads 32 hops', () => {
    expect(clientOf('10.9.0.5', Array.from({ length: 32 }, () => '10.1.1.1').join(','))).toBe(
      '10.1.1.1',
    )
  })

  test('IPX-019 answers nothing when every hop is trusted, or none is named', () => {
    expect(clientOf('10.9.0.5', '10.9.0.1, 10.9.0.2')).toBeUndefined()
    expect(clientOf('10.9.0.5', undefined)).toBeUndefined()
  })

  test('IPX-020 reads joined header lines as one list', () => {
    expect(clientOf('10.9.0.5', '203.0.113.9, 10.1.1.1')).toBe('10.1.1.1')
  })

  test.each([
    '0177.0.0.1',
    '0x7f.1',
    '127.1',
    '2130706433',
    '012.0.0.1',
    '10',
    '10.0.0.256',
    '10.0.0.1.',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1:443',
    '[::1]:443',
    '10.0.0.1%0a',
    '10.0.0.1\n',
  ])('IPX-007 IPX-008 answers nothing for the hop %j', (hop) =>
    expect(clientOf('10.9.0.5', hop)).toBeUndefined(),
  )

  test('answers nothing when the peer is unknown or unreadable', () => {
    expect(clientOf(undefined, '203.0.113.9')).toBeUndefined()
    expect(clientOf('fe80::1%eth0', '203.0.113.9')).toBeUndefined()
  })
})
