import { compileEgress } from '@countersign/evidence'
import { describe, expect, test } from 'vitest'

const usual = compileEgress({})

describe('compileEgress() refuses', () => {
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://0.0.0.0/',
    'https://169.254.169.254/latest',
    'https://[fd00:ec2::254]/',
    'https://10.0.0.1/',
    'https://100.64.0.1/',
    'https://192.168.1.1/',
    'https://172.31.255.255/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://localhost/',
    'https://localhost./',
    'https://a.localhost/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
  ])('%s, which is not public', (url) => {
    expect(usual.refuse(url)).toMatch(/^must not name/)
  })

  test.each([
    'https://0177.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://0/',
  ])('%s, another spelling of loopback', (url) => {
    expect(usual.refuse(url)).toBe('must not name an address that is not public')
  })

  test.each([
    ['http://issuer.example/', 'must be an https URL'],
    ['file:///etc/passwd', 'must be an https URL'],
    ['data:application/json,{}', 'must be an https URL'],
    ['ftp://issuer.example/', 'must be an https URL'],
    ['unix:/run/socket', 'must be an https URL'],
    ['gopher://issuer.example/', 'must be an https URL'],
    ['issuer.example', 'must be an https URL'],
    ['', 'must be an https URL'],
    ['https://user@issuer.example/', 'must not hold credentials'],
    ['https://user:pass@issuer.example/', 'must not hold credentials'],
    ['https://issuer.example/#fragment', 'must not have a fragment'],
    ['https://issuer.example:25/', 'must not name an unusual port'],
    ['https://issuer.example:6379/', 'must not name an unusual port'],
  ])('%s', (url, problem) => {
    expect(usual.refuse(url)).toBe(problem)
  })
})

describe('compileEgress() lets pass', () => {
  test.each([
    'https://issuer.example',
    'https://issuer.example:6443/path?query=1',
    'https://9.9.9.9/',
    'https://[2620:fe::fe]/',
  ])('%s', (url) => {
    expect(usual.refuse(url)).toBeUndefined()
  })

  test('a private network that is allowed, and no other', () => {
    const { refuse, admits } = compileEgress({ allow: ['10.10.0.8/32'] })
    expect(refuse('https://10.10.0.8/')).toBeUndefined()
    expect(refuse('https://10.10.0.9/')).toBeDefined()
    expect([admits('10.10.0.8'), admits('10.10.0.9'), admits('9.9.9.9')]).toEqual([
      true,
      false,
      true,
    ])
  })

  test('plain http on loopback alone, and only where both is said', () => {
    const both = compileEgress({ allow: ['127.0.0.0/8'], loopbackHttp: true, ports: [3000] })
    expect(both.refuse('http://localhost:3000/')).toBeUndefined()
    expect(both.refuse('http://127.0.0.1:3000/')).toBeUndefined()
    expect(both.refuse('http://issuer.example:3000/')).toBe('must be an https URL')
    expect(compileEgress({ loopbackHttp: true }).refuse('http://127.0.0.1/')).toBeDefined()
    expect(compileEgress({ allow: ['127.0.0.0/8'] }).refuse('http://127.0.0.1/')).toBeDefined()
  })

  test('plain http to public places, where answers are signed themselves', () => {
    const signed = compileEgress({ plainHttp: true })
    expect(signed.refuse('http://crl.example/root.crl')).toBeUndefined()
    expect(signed.refuse('http://crl.example:8080/root.crl')).toBe('must not name an unusual port')
    expect(signed.refuse('http://10.0.0.1/root.crl')).toBeDefined()
    expect(signed.refuse('ftp://crl.example/root.crl')).toBe('must be an https URL')
    expect(compileEgress({}).refuse('http://crl.example/root.crl')).toBe('must be an https URL')
  })

  test('a port that is named', () => {
    expect(compileEgress({ ports: [5556] }).refuse('https://dex.example:5556/dex')).toBeUndefined()
  })
})

describe('admits() of an egress policy', () => {
  test.each(['', 'issuer.example', '127.0.0.1%1', '01.1.1.1', '::ffff:10.0.0.1', '2001::1'])(
    'refuses %j',
    (address) => {
      expect(usual.admits(address)).toBe(false)
    },
  )
})
