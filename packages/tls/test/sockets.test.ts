import type { Ca } from '@countersign/testkit/openssl'
import { aRoot } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { post, servePlain, serveProxy, serveTls } from './support/servers.ts'
import { anEngine } from './support/world.ts'

let root: Ca
let middle: Ca
beforeAll(async () => {
  root = await aRoot()
  middle = await root.issueCa()
})

const admin = { commonNames: ['admin'] }
const HEADER = 'x-identity-tls-cert-auth-client-cert'
const BEHIND = {
  trustedProxies: ['127.0.0.1'],
  clientCertificate: { header: HEADER, format: 'url-pem' },
} as const

const escaped = (pem: string): string => encodeURIComponent(pem)

describe('over a TLS socket', () => {
  test('a workload logs in by the certificate of its connection, with what leads to the authority', async () => {
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin })
    const port = await serveTls(countersign)
    const body = { identityId: identity }
    const shown = await root.issue()
    expect(await post(port, { shown, body })).toMatchObject({
      status: 200,
      body: { tokenType: 'Bearer' },
    })
    const below = await middle.issue()
    const chained = { cert: below.cert + middle.cert, key: below.key }
    expect(await post(port, { shown: chained, body })).toMatchObject({ status: 200 })
    expect(await post(port, { shown: below, body })).toMatchObject({ status: 401 })
  })

  test('every other certificate, and none, is refused alike', async () => {
    const { countersign, identity, events } = await anEngine({ ca: root.cert, ...admin })
    const port = await serveTls(countersign)
    const stranger = await aRoot()
    const refused = [
      undefined,
      await root.issue({ to: '20260101000000Z' }),
      await root.issue({ from: '20270101000000Z' }),
      await root.issue({ subject: '/CN=admin=evil' }),
      await root.issue({ subject: '/CN=evil/CN=admin' }),
      await stranger.issue(),
      stranger,
      root,
    ]
    for (const shown of refused) {
      const { status, body } = await post(port, { shown, body: { identityId: identity } })
      expect({ status, code: body['code'] ?? body['error'] }).toMatchObject({ status: 401 })
      expect(JSON.stringify(body)).not.toMatch(/certificate_|issuer_|authority/)
    }
    const reasons = (await events())
      .filter(({ type }) => type === 'login.refused')
      .map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(
      new Set([
        'certificate_missing',
        'certificate_expired',
        'certificate_not_yet_valid',
        'common_name_not_allowed',
        'unknown_authority',
        'certificate_is_authority',
      ]),
    )
  })

  test('headers and bodies count for nothing, on TLS and in the clear', async () => {
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin })
    const { cert } = await root.issue()
    const headers = {
      [HEADER]: escaped(cert),
      'client-cert': escaped(cert),
      'x-forwarded-for': '127.0.0.1',
    }
    const body = { identityId: identity, certificate: cert, clientCertificate: cert }
    const sent = { headers, body }
    expect(await post(await serveTls(countersign), sent)).toMatchObject({ status: 401 })
    const plain = await servePlain(countersign)
    expect(await post(plain, { ...sent, secure: false })).toMatchObject({ status: 401 })
  })
})

describe('behind a proxy that ends TLS', () => {
  test('its word counts, and what the client wrote in its place does not', async () => {
    const { countersign, identity, events } = await anEngine(
      { ca: root.cert, ...admin },
      {},
      BEHIND,
    )
    const port = await serveProxy(await servePlain(countersign), HEADER)
    const body = { identityId: identity }
    const good = await root.issue()
    const other = await root.issue({ subject: '/CN=other' })
    const headers = { [HEADER]: escaped(good.cert) }
    expect(await post(port, { shown: good, body })).toMatchObject({ status: 200 })
    expect(await post(port, { shown: other, headers, body })).toMatchObject({ status: 401 })
    expect(await post(port, { headers, body })).toMatchObject({ status: 401 })
    const granted = (await events()).find(({ type }) => type === 'login.granted')
    expect(granted).toMatchObject({ source: { address: '203.0.113.9' } })
  })

  test('nobody but a trusted proxy is believed, whatever address it names', async () => {
    const options = { ...BEHIND, trustedProxies: ['10.0.0.0/8'] }
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin }, {}, options)
    const { cert } = await root.issue()
    const headers = { [HEADER]: escaped(cert), 'x-forwarded-for': '10.0.0.1' }
    const port = await servePlain(countersign)
    const sent = { secure: false, headers, body: { identityId: identity } }
    expect(await post(port, sent)).toMatchObject({ status: 401 })
  })

  test("a proxy's own certificate is nobody's login", async () => {
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin }, {}, BEHIND)
    const port = await serveTls(countersign)
    const shown = await root.issue()
    expect(await post(port, { shown, body: { identityId: identity } })).toMatchObject({
      status: 401,
    })
  })

  test('TLS-012 a header that holds anything else is no certificate', async () => {
    const { countersign, identity } = await anEngine({ ca: root.cert, ...admin }, {}, BEHIND)
    const port = await servePlain(countersign)
    const { cert } = await root.issue()
    const sent = (header: string) =>
      post(port, { secure: false, headers: { [HEADER]: header }, body: { identityId: identity } })
    expect(await sent(escaped(cert))).toMatchObject({ status: 200 })
    const half = escaped(cert).slice(0, 200)
    for (const header of [
      '',
      '%00',
      `${escaped(cert)}%00`,
      half,
      'x',
      `:${half}:`,
      `${escaped(cert)},${escaped(cert)}`,
    ])
      expect(await sent(header)).toMatchObject({ status: 401 })
  })
})
