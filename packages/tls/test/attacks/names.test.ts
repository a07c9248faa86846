import { unsafeClientCertificate } from '@countersign/core'
import type { Ca } from '@countersign/testkit/openssl'
import { aRoot, CLIENT } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { patched } from '../support/patch.ts'
import { anEngine, derOf, HOME, reasonOf, refusalOf, sourceOf } from '../support/world.ts'

let root: Ca
beforeAll(async () => {
  root = await aRoot()
})

const admin = { commonNames: ['admin'] }
const withNames = (names: string) => ({ extensions: [...CLIENT, `subjectAltName=${names}`] })

describe('TLS-006 what proves a key', () => {
  test('TLS-006 a certificate in a request is refused as no login', async () => {
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin })
    const { cert } = await root.issue()
    for (const credential of [{ certificate: cert }, { pem: cert }, { '': cert }, cert]) {
      const login = countersign.login(
        { method: 'tls', identity, credential: credential as never },
        { address: HOME },
      )
      expect(await refusalOf(login)).toMatchObject({ code: 'invalid_request' })
    }
  })

  test('TLS-006 a source that merely looks certified is not', async () => {
    const { login } = await anEngine({ ca: root.cert, ...admin })
    const { cert } = await root.issue()
    await login({ address: HOME, certificate: unsafeClientCertificate(derOf(cert)) })
    for (const certificate of [cert, derOf(cert), { der: derOf(cert), chain: [] }] as never[])
      expect(await reasonOf(login({ address: HOME, certificate }))).toBe('certificate_missing')
    expect(await reasonOf(login({ address: HOME }))).toBe('certificate_missing')
  })
})

describe('the names of a certificate', () => {
  test('a common name is a value, and never a text to be split', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    for (const subject of [
      '/CN=admin=evil',
      '/CN=admin,CN=evil',
      '/CN=evil/CN=admin',
      '/CN=admin/CN=evil',
      '/CN=Admin',
      '/CN=admin ',
      '/O=CN=admin',
      '/OU=admin',
    ])
      expect(await reasonOf(logIn(await root.issue({ subject })))).toBe('common_name_not_allowed')
    const literal = await anEngine({ ca: root.cert, commonNames: ['admin=evil'] })
    await literal.logIn(await root.issue({ subject: '/CN=admin=evil' }))
  })

  test('organizational units are exact, or globs in linear time', async () => {
    const { logIn } = await anEngine({
      ca: root.cert,
      organizationalUnits: ['ops', { glob: 'team-*' }],
    })
    await logIn(await root.issue({ subject: '/CN=a/OU=ops' }))
    await logIn(await root.issue({ subject: '/CN=a/OU=other/OU=team-blue' }))
    for (const subject of ['/CN=ops', '/CN=a/OU=team-', '/CN=a/OU=xteam-blue', '/CN=a/OU=OPS'])
      expect(await reasonOf(logIn(await root.issue({ subject })))).toBe(
        'organizational_unit_not_allowed',
      )
  })

  test.each([
    [
      'dnsNames',
      { dnsNames: ['api.example'] },
      'DNS:api.example',
      'DNS:api.example.evil',
      'dns_name_not_allowed',
    ],
    [
      'dnsNames by glob',
      { dnsNames: [{ glob: '*.prod.example' }] },
      'DNS:a.prod.example',
      'DNS:a.b.prod.example',
      'dns_name_not_allowed',
    ],
    [
      'no star of a certificate',
      { dnsNames: [{ glob: '*.prod.example' }] },
      'DNS:A.PROD.example',
      'DNS:*.prod.example',
      'dns_name_not_allowed',
    ],
    [
      'emails',
      { emails: ['ci@good.example'] },
      'email:ci@GOOD.example',
      'email:CI@good.example',
      'email_not_allowed',
    ],
    ['uris', { uris: ['urn:app:1'] }, 'URI:urn:app:1', 'URI:urn:app:12', 'uri_not_allowed'],
    [
      'ipAddresses',
      { ipAddresses: ['10.0.0.0/8', '2001:db8::1'] },
      'IP:10.1.2.3',
      'IP:11.1.2.3',
      'ip_address_not_allowed',
    ],
    [
      'ipAddresses of IPv6',
      { ipAddresses: ['2001:db8::1'] },
      'IP:2001:db8:0:0:0:0:0:1',
      'IP:2001:db8::2',
      'ip_address_not_allowed',
    ],
    [
      'spiffeIds',
      { spiffeIds: [{ glob: 'spiffe://prod/ns/*' }] },
      'URI:spiffe://prod/ns/api',
      'URI:spiffe://prod/ns/api/x',
      'spiffe_id_not_allowed',
    ],
    [
      'one SPIFFE ID only',
      { spiffeIds: ['spiffe://prod/api'] },
      'URI:spiffe://prod/api',
      'URI:spiffe://prod/api,URI:spiffe://prod/b',
      'spiffe_id_not_allowed',
    ],
    [
      'no dots in a SPIFFE ID',
      { spiffeIds: [{ glob: 'spiffe://prod/**' }] },
      'URI:spiffe://prod/a/b',
      'URI:spiffe://prod/a/../b',
      'spiffe_id_not_allowed',
    ],
    [
      'subjectAltNames',
      { subjectAltNames: ['api.example', 'URI:urn:x'] },
      'DNS:api.example',
      'URI:urn:y',
      'subject_alt_name_not_allowed',
    ],
    [
      'a kind that is another',
      { subjectAltNames: ['URI:api.example:1'] },
      'URI:api.example:1',
      'DNS:api.example',
      'subject_alt_name_not_allowed',
    ],
  ])('%s are compared with names of their kind', async (...[, policy, good, evil, reason]) => {
    const { logIn } = await anEngine({ ca: root.cert, ...policy })
    await logIn(await root.issue(withNames(good)))
    expect(await reasonOf(logIn(await root.issue(withNames(evil))))).toBe(reason)
    expect(await reasonOf(logIn(await root.issue()))).toBe(reason)
  })

  test('each list of a policy must be satisfied', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin, dnsNames: ['api.example'] })
    await logIn(await root.issue(withNames('DNS:api.example')))
    expect(await reasonOf(logIn(await root.issue()))).toBe('dns_name_not_allowed')
    const other = await root.issue({ subject: '/CN=x', ...withNames('DNS:api.example') })
    expect(await reasonOf(logIn(other))).toBe('common_name_not_allowed')
  })

  test('TLS-012 odd encodings are refused, and nothing falls over', async () => {
    const { logIn, login } = await anEngine({ ca: root.cert, ...admin })
    const leaf = await root.issue({ subject: '/CN=adminXevil' })
    const nul = patched(leaf.cert, root.key, 'adminXevil', 'admin\0evil')
    expect(await reasonOf(logIn({ cert: nul }))).toBe('certificate_unreadable')
    await logIn({
      cert: patched((await root.issue({ subject: '/CN=admim' })).cert, root.key, 'admim', 'admin'),
    })
    // MASK: BMPString alone.
    const wide = await root.issue({ mask: 'MASK:0x800' })
    expect(await reasonOf(logIn(wide))).toBe('certificate_unreadable')
    const alike = await root.issue({ subject: '/CN=аdmin' })
    expect(await reasonOf(logIn(alike))).toBe('common_name_not_allowed')
    const hidden = await root.issue({ subject: '/CN=admin\u200b' })
    expect(await reasonOf(logIn(hidden))).toBe('certificate_unreadable')
    const names = Array.from({ length: 1000 }, (_, index) => `DNS:a${index}.example`).join(',')
    expect(await reasonOf(logIn(await root.issue(withNames(names))))).toBe('certificate_unreadable')
    const few = Array.from({ length: 20 }, (_, index) => `DNS:a${index}.example`).join(',')
    await logIn(await root.issue(withNames(few)))
    const der = derOf((await root.issue()).cert)
    const padded = [
      new Uint8Array(100_000),
      new Uint8Array(0),
      Uint8Array.of(0x30, 0x84, 255, 255, 255, 255),
      Uint8Array.of(...der, 0),
      der.slice(1),
      der.slice(0, -1),
      Buffer.from(wide.cert),
    ]
    for (const bytes of padded) {
      const certificate = unsafeClientCertificate(Uint8Array.from(bytes))
      expect(await reasonOf(login({ address: HOME, certificate }))).toBe('certificate_unreadable')
    }
  })

  test('TLS-012 no byte of a certificate can be another, wherever it is', async () => {
    const { login } = await anEngine({ ca: root.cert, ...admin })
    const der = derOf((await root.issue()).cert)
    for (let index = 0; index < der.length; index += 3) {
      const bent = Uint8Array.from(der)
      bent[index] = (bent[index] ?? 0) ^ 0x41
      const certificate = unsafeClientCertificate(bent)
      expect(await refusalOf(login({ address: HOME, certificate }))).toMatchObject({
        code: 'invalid_credential',
      })
    }
  })
})

test('a refusal names the check in the trail', async () => {
  const { login, events } = await anEngine({ ca: root.cert, ...admin })
  await refusalOf(login(sourceOf(await root.issue({ subject: '/CN=other' }))))
  const [refused] = (await events()).filter(({ type }) => type === 'login.refused')
  expect(refused).toMatchObject({
    reason: 'common_name_not_allowed',
    details: { check: 'commonNames' },
  })
})
