import { freePort, startOcspResponder } from '@countersign/testkit'
import type { Ca, Issued } from '@countersign/testkit/openssl'
import { aRoot, CLIENT, openssl } from '@countersign/testkit/openssl'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anEngine, reasonOf, refusalOf } from './support/world.ts'

let root: Ca
let good: Issued
let bad: Issued
beforeAll(async () => {
  root = await aRoot()
  good = await root.issue()
  bad = await root.issue()
  await root.revoke(bad)
})

const admin = { commonNames: ['admin'] }

describe('a responder of openssl', () => {
  /** Answers by OCSP until the end of the test, as real time has it. */
  async function aResponder(by: Issued, ca: Ca): Promise<string> {
    const responder = await startOcspResponder(ca, by)
    stopping.push(() => responder.stop())
    return responder.url
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
