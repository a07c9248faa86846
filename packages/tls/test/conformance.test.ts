import { unsafeClientCertificate } from '@countersign/core'
import { parseWith } from '@countersign/core/plugin'
import { systemNetwork } from '@countersign/evidence'
import type { Presentation, VerifierSubject } from '@countersign/testing/conformance'
import { hostileCases, verifierCases } from '@countersign/testing/conformance'
import type { Ca, Issued } from '@countersign/testkit/openssl'
import { aRoot, CLIENT } from '@countersign/testkit/openssl'
import { tls } from '@countersign/tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { patched } from './support/patch.ts'
import { anEngine, HOME, LOOPBACK, NOW, sourceOf } from './support/world.ts'

let root: Ca
let leaf: Issued
beforeAll(async () => {
  root = await aRoot()
  leaf = await root.issue()
})

const admin = { commonNames: ['admin'] }
const verifier = tls({ egress: LOOPBACK })
const nowhere = { crlUrls: ['http://127.0.0.1:9/root.crl'] }

function presenting(
  shown: Pick<Issued, 'cert'>,
  policy: object = {},
  more: object = {},
): Presentation {
  const at = { createdAt: NOW, updatedAt: NOW }
  const identity = { id: 'idn_x', organization: 'acme', name: 'workload', generation: 0, ...at }
  return {
    policy: { ca: root.cert, ...admin, ...policy },
    credential: {},
    context: {
      identity: identity as never,
      source: sourceOf(shown),
      now: NOW,
      fetch: globalThis.fetch,
      ...more,
    },
  }
}

describe('tls(): the contract of verifiers', () => {
  const subject: VerifierSubject = {
    verifier: verifier as VerifierSubject['verifier'],
    accepted: {
      'a good certificate': () => presenting(leaf),
      'the last second': async () => presenting(await root.issue({ to: '20260301120000Z' })),
      'a list': async () => presenting(leaf, { revocation: { crls: await root.crl() } }),
    },
    rejected: {
      expired: async () => presenting(await root.issue({ to: '20260301115959Z' })),
      'not yet valid': async () => presenting(await root.issue({ from: '20260301120001Z' })),
      'another name': async () => presenting(await root.issue({ subject: '/CN=other' })),
      'an authority': () => presenting(root),
      'of another authority': async () => presenting(await (await aRoot()).issue()),
      'none at all': () => presenting(leaf, {}, { source: { address: HOME } }),
      'what is none': () =>
        presenting(
          leaf,
          {},
          {
            source: { address: HOME, certificate: unsafeClientCertificate(Uint8Array.of(1, 2)) },
          },
        ),
    },
    undecided: { 'a list that nobody has': () => presenting(leaf, { revocation: nowhere }) },
    get unconstrained() {
      return [
        {},
        { ca: root.cert },
        { ca: root.cert, commonNames: [] },
        { ca: root.cert, commonNames: [{ glob: '*' }] },
        { ca: root.cert, dnsNames: [{ glob: '**.**' }] },
        { ca: root.cert, ipAddresses: ['0.0.0.0/0'] },
        { ca: root.cert, anyUsage: true },
        { commonNames: ['admin'] },
      ]
    },
    malformed: [{ certificate: 'x' }, { token: 'x' }],
  }
  for (const { name, run } of verifierCases) test(name, () => run(subject))
})

describe('tls(): somebody hostile', () => {
  const handshake = 'A certificate is no field of a login: what is too large never ends a handshake'
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const { logIn, login, attach, events } = await anEngine({ ca: root.cert, ...admin })
      const shown = (der: Uint8Array) =>
        login({ address: HOME, certificate: unsafeClientCertificate(der) })
      await run({
        honest: () => logIn(leaf),
        events,
        hostile: {
          unsigned: async () =>
            logIn({ cert: patched(leaf.cert, (await aRoot()).key, 'admin', 'admin') }),
          none: () => login({ address: HOME }),
          wrong_key: async () => logIn(await (await aRoot({ subject: '/CN=Test root' })).issue()),
          wrong_audience: async () =>
            logIn(
              await root.issue({
                extensions: [...CLIENT.slice(0, 2), 'extendedKeyUsage=serverAuth'],
              }),
            ),
          other_issuer: async () => logIn(await (await aRoot({ subject: '/CN=Other' })).issue()),
          expired: async () => logIn(await root.issue({ to: '20260301115959Z' })),
          not_yet_valid: async () => logIn(await root.issue({ from: '20260301120001Z' })),
          replayed: {
            impossible:
              'Each connection proves the key anew: a certificate is used again and again',
          },
          oversized: { impossible: handshake },
          malformed: () => shown(Uint8Array.of(0x30, 0x80, 1, 2, 3)),
          issuer_down: async () => {
            const identity = await attach({ ca: root.cert, ...admin, revocation: nowhere })
            return login(sourceOf(leaf), identity)
          },
        },
      })
    })
})

describe('tls(): policies', () => {
  const problemOf = (policy: object): string => {
    const parsed = parseWith(verifier.policy, policy)
    return 'problem' in parsed ? parsed.problem : ''
  }

  test('name authorities, and nothing else', () => {
    const { cert, key } = leaf
    expect(problemOf({ ca: root.cert, ...admin })).toBe('')
    expect(problemOf({ ca: root.cert + root.cert, ...admin })).toBe('')
    expect(problemOf({ ca: cert, ...admin })).toMatch(/^ca must be certificates of authorities/)
    expect(problemOf({ ca: root.cert + key, ...admin })).toMatch(/^ca must be certificates in PEM/)
    for (const ca of ['', 'x', root.cert.slice(0, 200), root.cert.replace('MII', 'MIJ')])
      expect(problemOf({ ca, ...admin })).toMatch(/^ca must/)
    expect(problemOf({ ca: root.cert.repeat(33), ...admin })).toMatch(/at most 32/)
  })

  test('are spelled in one way, and every wrong way is named', async () => {
    const ca = root.cert
    const other = (await aRoot()).cert
    expect(problemOf({ ca, anyName: true })).toBe('')
    expect(problemOf({ ca, anyName: true, ...admin })).toMatch(/must not have anyName/)
    expect(problemOf({ ca, dnsNames: ['API.example'] })).toMatch(
      /dnsNames\[0\] must be in lower case/,
    )
    expect(problemOf({ ca, ipAddresses: ['10.0.0'] })).toMatch(/ipAddresses\[0\]/)
    expect(problemOf({ ca, serialNumbers: ['0A'] })).toMatch(/serialNumbers\[0\]/)
    expect(problemOf({ ca, keyFingerprints: ['ab'] })).toMatch(/keyFingerprints\[0\]/)
    expect(problemOf({ ca: ca + other, serialNumbers: ['a'] })).toMatch(/single authority/)
    expect(problemOf({ ca, ...admin, revocation: {} })).toMatch(/crls, crlUrls or ocsp/)
    expect(problemOf({ ca, ...admin, revocation: { crls: ca } })).toMatch(/revocation lists in PEM/)
    expect(problemOf({ ca, ...admin, revocation: { ocsp: false } })).toMatch(/ocsp/)
    expect(problemOf({ ca, ...admin, commonName: 'x' })).toMatch(/unknown member/)
  })
})

test('tls() asks nobody about what is refused anyway', async () => {
  const asked: string[] = []
  const { resolve, send, deadline } = systemNetwork()
  const network = {
    resolve,
    deadline,
    send: (dial: Parameters<typeof send>[0]) => {
      asked.push(dial.url.href)
      return send(dial)
    },
  }
  const policy = { ca: root.cert, ...admin, revocation: { crlUrls: ['http://127.0.0.1:9/x'] } }
  const { logIn } = await anEngine(policy, { network })
  for (const refused of [root, await root.issue({ subject: '/CN=other' })])
    await expect(logIn(refused)).rejects.toMatchObject({ code: 'invalid_credential' })
  expect(asked).toEqual([])
  await expect(logIn(leaf)).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toHaveLength(1)
})
