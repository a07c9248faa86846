import type { CertificateHeader, CountersignOptions } from '@countersign/core'
import { certificateOf, unsafeClientCertificate } from '@countersign/core'
import { isClientCertificate } from '@countersign/core/plugin'
import { describe, expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'

const memoryCountersign = (options: Partial<CountersignOptions<readonly []>>) =>
  anEngine(options).countersign

const DER = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0xfb)
const OTHER = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x07)
const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
const pem = (...ders: readonly Uint8Array[]): string =>
  ders
    .map((der) => `-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----\n`)
    .join('')
const escaped = (text: string): string =>
  text.replace(/[\n+ ]/g, (sign) => encodeURIComponent(sign))

const URL_PEM: CertificateHeader = { header: 'x-client-cert', format: 'url-pem' }

/** What an engine behind 10.0.0.0/8 makes of a header. */
function sourceOf(text: string, place: CertificateHeader = URL_PEM, address = '10.0.0.1') {
  const countersign = memoryCountersign({
    trustedProxies: ['10.0.0.0/8'],
    clientCertificate: place,
  })
  const header = (name: string) => (name === place.header ? text : undefined)
  return countersign.sourceOf({ address, forwardedFor: '203.0.113.9', header })
}

describe('sourceOf() and certificates', () => {
  test('takes the word of a trusted proxy, in each form', () => {
    const forms = [
      ['url-pem', escaped(pem(DER))],
      ['url-pem', encodeURIComponent(pem(DER))],
      ['base64-der', base64(DER)],
      ['rfc9440', `:${base64(DER)}:`],
    ] as const
    for (const [format, text] of forms) {
      const { certificate } = sourceOf(text, { header: 'client-cert', format })
      expect(certificate?.der).toEqual(DER)
      expect(certificate?.chain).toEqual([])
    }
  })

  test('takes what stands behind the first certificate for its chain, eight of them at most', () => {
    const { certificate } = sourceOf(encodeURIComponent(pem(DER, ...Array(12).fill(OTHER))))
    expect(certificate?.der).toEqual(DER)
    expect(certificate?.chain).toHaveLength(8)
  })

  test('believes no header of anybody else, and of no proxy without the option', () => {
    const text = encodeURIComponent(pem(DER))
    expect(sourceOf(text, URL_PEM, '203.0.113.1')).not.toHaveProperty('certificate')
    const countersign = memoryCountersign({ trustedProxies: ['10.0.0.0/8'] })
    const source = countersign.sourceOf({ address: '10.0.0.1', header: () => text })
    expect(source).not.toHaveProperty('certificate')
  })

  test.each([
    ['nothing', ''],
    ['an empty certificate', '::'],
    ['two headers', `${encodeURIComponent(pem(DER))}, ${encodeURIComponent(pem(DER))}`],
    ['a NUL', `${encodeURIComponent(pem(DER))}%00`],
    ['a NUL inside', encodeURIComponent(pem(DER)).replace('MAM', '%00')],
    ['text before it', `x${encodeURIComponent(pem(DER))}`],
    ['base64url', encodeURIComponent(pem(DER)).replace('Afs', 'A-s')],
    ['half of one', encodeURIComponent(pem(DER)).slice(0, 60)],
    ['too much', encodeURIComponent(pem(DER)).repeat(2000)],
    ['a key', encodeURIComponent(pem(DER).replaceAll('CERTIFICATE', 'PRIVATE KEY'))],
  ])('makes nothing of %s', (_what, text) => {
    expect(sourceOf(text)).toEqual({ address: '203.0.113.9' })
  })

  test("takes a socket's certificate, but for a proxy's own", () => {
    const countersign = memoryCountersign({ trustedProxies: ['10.0.0.0/8'] })
    const certificate = certificateOf({ getPeerX509Certificate: () => ({ raw: DER }) })
    expect(countersign.sourceOf({ address: '192.0.2.1', certificate })).toMatchObject({
      certificate,
    })
    expect(countersign.sourceOf({ address: '10.0.0.1', certificate })).not.toHaveProperty(
      'certificate',
    )
  })

  test('takes nothing that only looks like a certificate', () => {
    const countersign = memoryCountersign({})
    const forged = { der: DER, chain: [] }
    expect(countersign.sourceOf({ address: '192.0.2.1', certificate: forged })).toEqual({
      address: '192.0.2.1',
    })
    expect(isClientCertificate(forged)).toBe(false)
    expect(isClientCertificate(unsafeClientCertificate(DER))).toBe(true)
  })
})

describe('certificateOf()', () => {
  test('answers nothing on plain sockets, and where nothing was shown', () => {
    expect(certificateOf({})).toBeUndefined()
    expect(certificateOf({ getPeerX509Certificate: () => undefined })).toBeUndefined()
  })

  test('walks the chain to its end, also where that is its own issuer', () => {
    const root = { raw: OTHER, issuerCertificate: { raw: OTHER } }
    const leaf = { raw: DER, issuerCertificate: root }
    expect(certificateOf({ getPeerX509Certificate: () => leaf })?.chain).toEqual([OTHER])
  })
})

test('createCountersign() refuses a certificate header without trusted proxies, and a wrong one', () => {
  expect(() => memoryCountersign({ clientCertificate: URL_PEM })).toThrow(/trustedProxies/)
  for (const clientCertificate of [
    { header: 'X Cert', format: 'url-pem' },
    { header: 'x-cert', format: 'pem' },
  ] as unknown as readonly CertificateHeader[])
    expect(() => memoryCountersign({ trustedProxies: ['10.0.0.0/8'], clientCertificate })).toThrow(
      /clientCertificate/,
    )
})
