import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Ca, Issued } from './support/openssl.ts'
import { aRoot, CLIENT, openssl } from './support/openssl.ts'
import { listening } from './support/servers.ts'
import { anEngine, reasonOf, refusalOf } from './support/world.ts'

let root: Ca
let middle: Ca
let good: Issued
let bad: Issued
beforeAll(async () => {
  root = await aRoot()
  middle = await root.issueCa()
  good = await root.issue()
  bad = await root.issue()
  await root.revoke(bad)
})

const admin = { commonNames: ['admin'] }
/** The dates of a list that is over. */
const STALE = ['20260101000000Z', '20260301120000Z'] as const

describe('revocation lists in a policy', () => {
  test('whoever is on one is out, and nobody else', async () => {
    const { logIn } = await anEngine({
      ca: root.cert,
      ...admin,
      revocation: { crls: await root.crl() },
    })
    await logIn(good)
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
  })

  test('a list for every authority on the path is needed, and an authority on one takes its own along', async () => {
    const leaf = await middle.issue()
    const ca = root.cert + middle.cert
    const rootAlone = await anEngine({ ca, ...admin, revocation: { crls: await root.crl() } })
    expect(await refusalOf(rootAlone.logIn(leaf))).toMatchObject({ code: 'unavailable' })
    const both = { crls: (await root.crl()) + (await middle.crl()) }
    const { logIn } = await anEngine({ ca, ...admin, revocation: both })
    await logIn(leaf)
    const fallen = await root.issueCa({ subject: '/CN=fallen' })
    await root.revoke(fallen)
    const lists = { crls: (await root.crl()) + (await fallen.crl()) }
    const other = await anEngine({ ca: root.cert, ...admin, revocation: lists })
    expect(await reasonOf(other.logIn(await fallen.issue(), fallen))).toBe('certificate_revoked')
  })

  test('a list that is over clears nobody, at the very second, and still accuses', async () => {
    const crls = await root.crl('20260101000000Z', '20260301120001Z')
    const { logIn, countersign } = await anEngine({ ca: root.cert, ...admin, revocation: { crls } })
    await logIn(good)
    countersign.clock.advance(1)
    expect(await refusalOf(logIn(good))).toMatchObject({ code: 'unavailable' })
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
  })

  test('with unknown: allow, whoever nobody can tell about is let in with a notice', async () => {
    const crls = await root.crl(...STALE)
    const policy = { ca: root.cert, ...admin, revocation: { crls, unknown: 'allow' } } as const
    const { logIn, events } = await anEngine(policy)
    await logIn(good)
    const granted = (await events()).find(({ type }) => type === 'login.granted')
    expect(JSON.stringify(granted)).toContain('revocation_unknown')
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
  })

  test('a list of another authority of the same name says nothing', async () => {
    const alike = await aRoot({ subject: '/CN=Test root' })
    const crls = await alike.crl()
    const { logIn } = await anEngine({ ca: root.cert, ...admin, revocation: { crls } })
    expect(await refusalOf(logIn(good))).toMatchObject({ code: 'unavailable' })
  })
})

describe('revocation lists at a URL', () => {
  let answer: () => string | Buffer | undefined
  let asked = 0
  const serve = async () => {
    const port = await listening(
      http.createServer((_request, response) => {
        asked += 1
        const body = answer()
        response.writeHead(body === undefined ? 500 : 200).end(body)
      }),
    )
    return { crlUrls: [`http://127.0.0.1:${port}/root.crl`] }
  }
  beforeEach(() => {
    asked = 0
  })

  test('TLS-011 the first login of an engine waits for the list: a revoked certificate is out at once', async () => {
    const list = await root.crl()
    answer = () => list
    const { logIn } = await anEngine({ ca: root.cert, ...admin, revocation: await serve() })
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
    await logIn(good)
    expect(asked).toBe(1)
  })

  test('TLS-011 without the list nobody is let in, and its place is not asked again at once', async () => {
    const list = await root.crl()
    answer = () => undefined
    const { logIn, countersign } = await anEngine({
      ca: root.cert,
      ...admin,
      revocation: await serve(),
    })
    for (const leaf of [bad, good])
      expect(await refusalOf(logIn(leaf))).toMatchObject({ code: 'unavailable' })
    expect(asked).toBe(1)
    answer = () => list
    countersign.clock.advance(30)
    await logIn(good)
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
    expect(asked).toBe(2)
  })

  test('a new list is fetched in time, and the old one used while it lasts', async () => {
    const later = await root.issue()
    const old = await root.crl()
    answer = () => old
    const { logIn, countersign } = await anEngine({
      ca: root.cert,
      ...admin,
      revocation: await serve(),
    })
    await logIn(later)
    answer = () => undefined
    countersign.clock.advance(300)
    await logIn(later)
    await root.revoke(later)
    const fresh = await root.crl()
    answer = () => fresh
    countersign.clock.advance(30)
    expect(await reasonOf(logIn(later))).toBe('certificate_revoked')
  })

  test('logins at one time ask once, and what is no list is none', async () => {
    const list = await root.crl()
    answer = () => list
    const { logIn } = await anEngine({ ca: root.cert, ...admin, revocation: await serve() })
    await Promise.all(Array.from({ length: 20 }, () => logIn(good)))
    expect(asked).toBe(1)
    answer = () => '<html>'
    const other = await anEngine({ ca: root.cert, ...admin, revocation: await serve() })
    expect(await refusalOf(other.logIn(good))).toMatchObject({ code: 'unavailable' })
  })

  test('a place that policies may not reach is refused where it is saved', async () => {
    const revocation = { crlUrls: ['http://10.0.0.1/root.crl'] }
    await expect(anEngine({ ca: root.cert, ...admin, revocation })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })
})

describe('a responder of openssl', () => {
  /** Answers by OCSP until the end of the test, as real time has it. */
  async function aResponder(by: Issued, ca: Ca): Promise<string> {
    const port = await freePort()
    const child = spawn(
      'openssl',
      [
        'ocsp',
        '-port',
        String(port),
        '-index',
        join(ca.folder, 'index.txt'),
        '-CA',
        ca.certFile,
        '-rsigner',
        by.certFile,
        '-rkey',
        by.keyFile,
        '-ndays',
        '1',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    stopping.push(async () => {
      if (child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    await once(child.stderr, 'data')
    return `http://127.0.0.1:${port}`
  }

  async function freePort(): Promise<number> {
    const server = http.createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    return port
  }

  const stopping: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(stopping.splice(0).map((stop) => stop()))
  })

  const OCSP = [
    ...CLIENT.filter((line) => !line.includes('extended')),
    'extendedKeyUsage=OCSPSigning',
  ]

  /** A responder of openssl's answers by its own clock. */
  const asking = (url: string, more = {}, now = new Date()) =>
    anEngine({ ca: root.cert, ...admin, revocation: { ocsp: { url }, ...more } }, {}, {}, now)

  test.each([
    ['the authority itself', async () => root],
    [
      'whom the authority certified for it',
      () => root.issue({ subject: '/CN=ocsp', extensions: OCSP }),
    ],
  ])('clears and accuses by the word of %s', async (_who, responder) => {
    const { logIn } = await asking(await aResponder(await responder(), root))
    await logIn(good)
    expect(await reasonOf(logIn(bad))).toBe('certificate_revoked')
  })

  test('is not believed where anybody else signs for it', async () => {
    for (const signer of [good, await aRoot({ subject: '/CN=Test root' })]) {
      const { logIn } = await asking(await aResponder(signer, root))
      expect(await refusalOf(logIn(good))).toMatchObject({ code: 'unavailable' })
    }
  })

  test('who it does not know is out, also where unknown is allowed', async () => {
    const other = await root.issue({ serial: '7777' })
    const { logIn } = await asking(await aResponder(root, root), { unknown: 'allow' })
    expect(await reasonOf(logIn(other))).toBe('certificate_unknown')
  })

  test('where it is away, nobody is let in unless the policy says so', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await refusalOf((await asking(url)).logIn(good))).toMatchObject({ code: 'unavailable' })
    const { logIn, events } = await asking(url, { unknown: 'allow' })
    await logIn(good)
    expect(JSON.stringify(await events())).toContain('revocation_unknown')
  })

  test('is found by what a certificate says, and its answers end', async () => {
    const url = await aResponder(root, root)
    const leaf = await root.issue({
      extensions: [...CLIENT, `authorityInfoAccess=OCSP;URI:${url}`],
    })
    const policy = { ca: root.cert, ...admin, revocation: { ocsp: true } } as const
    const early = await anEngine(policy, {}, {}, new Date(Date.now() - 86_400_000))
    expect(await refusalOf(early.logIn(leaf))).toMatchObject({ code: 'unavailable' })
    const late = await anEngine(policy, {}, {}, new Date(Date.now() + 2 * 86_400_000))
    expect(await refusalOf(late.logIn(leaf))).toMatchObject({ code: 'unavailable' })
    const world = await anEngine(policy, {}, {}, new Date())
    await world.logIn(leaf)
    expect(await refusalOf(world.logIn(good))).toMatchObject({ code: 'unavailable' })
  })

  test('openssl agrees about our question', async () => {
    const url = await aResponder(root, root)
    const told = await openssl(
      'ocsp',
      '-issuer',
      root.certFile,
      '-cert',
      bad.certFile,
      '-url',
      url,
      '-CAfile',
      root.certFile,
    )
    expect(told).toMatch(/revoked/)
  })
})
