import http from 'node:http'
import type { Ca, Issued } from '@countersign/testkit/openssl'
import { aRoot } from '@countersign/testkit/openssl'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
