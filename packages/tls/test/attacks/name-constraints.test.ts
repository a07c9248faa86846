import type { Ca } from '@countersign/testkit/openssl'
import { AUTHORITY, aRoot, CLIENT } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { anEngine, reasonOf } from '../support/world.ts'

let root: Ca
beforeAll(async () => {
  root = await aRoot()
})

const admin = { commonNames: ['admin'] }

/** An authority's word about names. */
const constrained = (...trees: readonly string[]): readonly string[] => [
  ...AUTHORITY,
  `nameConstraints=critical,${trees.join(',')}`,
]

describe('what an authority may certify', () => {
  test.each([
    ['DNS', 'permitted;DNS:good.example', 'DNS:a.good.example', 'DNS:a.evil.example'],
    [
      'one of two DNS names',
      'permitted;DNS:good.example',
      'DNS:good.example',
      'DNS:good.example,DNS:evil.example',
    ],
    [
      'a name that ends alike',
      'permitted;DNS:good.example',
      'DNS:x.good.example',
      'DNS:notgood.example',
    ],
    ['an excluded name', 'excluded;DNS:evil.example', 'DNS:good.example', 'DNS:a.evil.example'],
    ['e-mail', 'permitted;email:good.example', 'email:a@good.example', 'email:a@evil.example'],
    [
      'e-mail below',
      'permitted;email:.good.example',
      'email:a@x.good.example',
      'email:a@good.example',
    ],
    [
      'URI',
      'permitted;URI:good.example',
      'URI:spiffe://good.example/a',
      'URI:spiffe://evil.example/a',
    ],
    [
      'URI with a user',
      'permitted;URI:good.example',
      'URI:https://good.example/a',
      'URI:https://good.example@evil.example/a',
    ],
    [
      'URI without a host',
      'permitted;URI:good.example',
      'URI:https://good.example',
      'URI:urn:good.example',
    ],
    ['IP', 'permitted;IP:10.0.0.0/255.0.0.0', 'IP:10.9.8.7', 'IP:11.0.0.1'],
    ['IPv6', 'excluded;IP:2001:db8::/ffff:ffff::', 'IP:2001:db9::1', 'IP:2001:db8::1'],
  ])(
    'TLS-008 names stay within what an authority may certify: %s',
    async (_what, tree, good, evil) => {
      const narrow = await root.issueCa({ extensions: constrained(tree) })
      const narrowRoot = await aRoot({ extensions: constrained(tree) })
      for (const [authority, policy, chain] of [
        [narrow, root, [narrow]],
        [narrowRoot, narrowRoot, []],
      ] as const) {
        const { logIn } = await anEngine({ ca: policy.cert, ...admin })
        const issue = (name: string) =>
          authority.issue({ extensions: [...CLIENT, `subjectAltName=${name}`] })
        await logIn(await issue(good), ...chain)
        expect(await reasonOf(logIn(await issue(evil), ...chain))).toBe('name_constraint_violated')
      }
    },
  )

  test('TLS-008 a common name that looks like a host is held to constraints as well', async () => {
    const narrow = await root.issueCa({ extensions: constrained('permitted;DNS:good.example') })
    const { logIn } = await anEngine({ ca: root.cert, commonNames: [{ glob: '*.example' }] })
    await logIn(await narrow.issue({ subject: '/CN=a.good.example' }), narrow)
    const evil = await narrow.issue({ subject: '/CN=a.evil.example' })
    expect(await reasonOf(logIn(evil, narrow))).toBe('name_constraint_violated')
  })

  test('TLS-008 constraints of directory names hold, and unknown kinds let nothing through', async () => {
    const { logIn } = await anEngine({ ca: root.cert, ...admin })
    const narrow = await root.issueCa({
      extensions: [...constrained('permitted;dirName:org'), '[org]', 'O=Good'],
    })
    await logIn(await narrow.issue({ subject: '/O=Good/CN=admin' }), narrow)
    const evil = await narrow.issue({ subject: '/O=Evil/CN=admin' })
    expect(await reasonOf(logIn(evil, narrow))).toBe('name_constraint_violated')
    const strange = await root.issueCa({ extensions: constrained('permitted;RID:1.2.3') })
    expect(await reasonOf(logIn(await strange.issue(), strange))).toBe('name_constraint_unknown')
  })
})
