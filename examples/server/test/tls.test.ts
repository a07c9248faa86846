import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeAuthority } from '@countersign/testing/fakes'
import { startNginx, startOcspResponder } from '@countersign/testkit'
import type { Ca, Issued } from '@countersign/testkit/openssl'
import { aRoot } from '@countersign/testkit/openssl'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CertificateCase } from './certificates.ts'
import { certificateCases } from './certificates.ts'
import { ask, operatorOf } from './operator.ts'
import type { Ended, Ready } from './reference-server.ts'
import { run } from './reference-server.ts'

/** Whom clients trust as a server: another authority than that of the clients. */
const authority = fakeAuthority()
const site = authority.issue(['127.0.0.1', 'localhost'])
const HEADER = 'x-client-cert'
/** The proxy speaks from an address of its own, so that nobody else on this machine is believed. */
const PROXY = '127.0.0.2'

let folder: string
let root: Ca
let cases: Readonly<Record<string, CertificateCase>>
const stopping: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  root = await aRoot()
  cases = await certificateCases(root, async () => {
    const responder = await startOcspResponder(root)
    stopping.push(() => responder.stop())
    return responder.url
  })
  for (const [name, text] of Object.entries({ cert: site.cert, key: site.key, ca: root.cert }))
    await writeFile(join(folder, `${name}.pem`), text, { mode: 0o600 })
}, 120_000)

afterAll(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
  await rm(folder, { recursive: true, force: true })
})

/** How a server is reached whose clients prove certificates. */
interface Reached {
  readonly ready: Ready
  readonly url: string
  readonly stop: () => Promise<Ended>
}

const loopback = {
  COUNTERSIGN_EGRESS_ALLOW: '127.0.0.1',
  COUNTERSIGN_EGRESS_PORTS: 'any',
}

async function started(environment: Readonly<Record<string, string>>) {
  const data = join(folder, String(stopping.length))
  const server = run({ COUNTERSIGN_DATA: data, ...loopback, ...environment })
  stopping.push(() => server.stop('SIGKILL'))
  return { ready: await server.ready, stop: () => server.stop() }
}

async function overTls(): Promise<Reached> {
  const server = await started({
    COUNTERSIGN_TLS_CERT: join(folder, 'cert.pem'),
    COUNTERSIGN_TLS_KEY: join(folder, 'key.pem'),
    COUNTERSIGN_TLS_CLIENT_CA: join(folder, 'ca.pem'),
  })
  return { ...server, url: server.ready.url }
}

async function throughNginx(): Promise<Reached> {
  const server = await started({
    COUNTERSIGN_TRUSTED_PROXIES: PROXY,
    COUNTERSIGN_CERTIFICATE_HEADER: HEADER,
  })
  const proxy = await startNginx({
    upstream: server.ready.url,
    tls: site,
    from: PROXY,
    headers: { [HEADER]: '$ssl_client_escaped_cert', 'x-forwarded-for': '$remote_addr' },
  })
  stopping.push(() => proxy.stop())
  return { ...server, url: proxy.url }
}

const WAYS = [
  ['over a TLS socket of its own', overTls, []],
  [
    'through nginx, which hands certificates on in a header',
    throughNginx,
    // It takes any authority, and neither dates that are over nor paths that cannot be.
    ['expired', 'not yet valid', 'by an issuer that is no authority'],
  ],
] as const

describe.each(WAYS)('%s', (_way, reach, refusedOnTheWay) => {
  let reached: Reached
  let operator: Awaited<ReturnType<typeof operatorOf>>
  beforeAll(async () => {
    reached = await reach()
    operator = await operatorOf({ ...reached.ready, url: reached.url }, { ca: authority.ca })
  }, 120_000)

  const show = (shown?: Pick<Issued, 'cert' | 'key'>, headers: Record<string, string> = {}) => ({
    ca: authority.ca,
    headers,
    ...(shown && { cert: shown.cert, key: shown.key }),
  })

  test('a bound token is good with its certificate alone, and so is whatever renews it', async () => {
    const settings = {
      caCertificate: root.cert,
      allowedCommonNames: 'admin',
      accessTokenBoundTo: 'certificate',
    }
    const identity = await operator.identityBy('tls-cert-auth', settings)
    const [mine, another] = [await root.issue(), await root.issue()]
    const login = await operator.logIn('tls-cert-auth', { identityId: identity }, show(mine))
    expect(login.status).toBe(200)
    const renew = (accessToken: string, shown?: Issued) =>
      ask('POST', `${reached.url}/api/v1/auth/token/renew`, { accessToken }, show(shown))
    const whoami = (token: string, shown?: Issued) =>
      ask('GET', `${reached.url}/api/whoami`, undefined, {
        ...show(shown, { authorization: `Bearer ${token}` }),
      })
    const first = login.body.accessToken
    const renewed = await renew(first, mine)
    expect(renewed.status).toBe(200)
    for (const token of [first, renewed.body.accessToken]) {
      expect(await whoami(token, mine)).toMatchObject({ status: 200, body: { identity } })
      for (const shown of [undefined, another]) {
        expect(await whoami(token, shown)).toMatchObject({ status: 401 })
        expect(await renew(token, shown)).toMatchObject({ status: 401 })
      }
    }
  })

  test('no header and no body of a client stands for a certificate', async () => {
    const settings = { caCertificate: root.cert, allowedCommonNames: 'admin' }
    const identity = await operator.identityBy('tls-cert-auth', settings)
    const [good, other] = [await root.issue(), await root.issue({ subject: '/CN=other' })]
    const body = { identityId: identity, certificate: good.cert, clientCertificate: good.cert }
    const forged = {
      [HEADER]: encodeURIComponent(good.cert),
      'client-cert': `:${Buffer.from(good.cert).toString('base64')}:`,
      'x-forwarded-for': PROXY,
    }
    const logIn = (shown?: Issued, headers = {}) =>
      operator.logIn('tls-cert-auth', body, show(shown, headers))
    expect(await logIn(good)).toMatchObject({ status: 200 })
    expect(await logIn(undefined, forged)).toMatchObject({ status: 401 })
    expect(await logIn(other, forged)).toMatchObject({ status: 401 })
    // Past the proxy: this machine's usual address is nobody whose word counts.
    const path = `${reached.ready.url}/api/v1/auth/tls-cert-auth/login`
    expect(await ask('POST', path, body, show(undefined, forged))).toMatchObject({ status: 401 })
  })

  test('every certificate is judged, and the trail says why', async () => {
    const asked: Record<string, string> = {}
    const seen: Record<string, unknown> = {}
    for (const [name, { settings, shown }] of Object.entries(cases)) {
      const identity = await operator.identityBy('tls-cert-auth', settings)
      const told = await operator.logIn('tls-cert-auth', { identityId: identity }, show(shown))
      asked[identity] = name
      seen[name] = told.status
      expect(JSON.stringify(told.body)).not.toMatch(/certificate_|authority/)
    }
    // The last of these tests: the trail is read once the server has ended.
    const { code, stderr } = await reached.stop()
    expect(code).toBe(0)
    for (const line of stderr.split('\n').filter((text) => text.includes('"login.refused"'))) {
      const { target, reason } = JSON.parse(line)
      const name = asked[target.id]
      if (name !== undefined && seen[name] === 401) seen[name] = reason
    }
    const expected = Object.entries(cases).map(([name, { reason }]) => [name, reason ?? 200])
    const onTheWay = refusedOnTheWay.map((name) => [name, 400])
    expect(seen).toEqual(Object.fromEntries([...expected, ...onTheWay]))
  }, 120_000)
})
