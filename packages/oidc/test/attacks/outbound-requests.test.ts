import type { Egress, Network } from '@countersign/evidence'
import { systemNetwork } from '@countersign/evidence'
import type { OidcPolicy } from '@countersign/oidc'
import { oidc } from '@countersign/oidc'
import { eventsOf, testCountersign } from '@countersign/testing'
import type { FakeAnswer } from '@countersign/testing/fakes'
import { answerWith, fakeIssuer, startServer } from '@countersign/testing/fakes'
import { afterEach, describe, expect, test } from 'vitest'
import {
  AUDIENCE,
  anIssuedWorld,
  aWorld,
  closing,
  LOOPBACK,
  refusalOf,
  SUBJECT,
} from '../support/world.ts'

const policyOf = (issuer: string): OidcPolicy => ({
  issuer,
  audiences: [AUDIENCE],
  subject: SUBJECT,
})

async function saved(issuer: string, egress: Egress = {}): Promise<string> {
  const { byOidc, byJwt } = await aWorld({ egress })
  const errors = await Promise.all([
    refusalOf(byOidc(policyOf(issuer))),
    refusalOf(byOidc({ ...policyOf('https://issuer.example'), discoveryUrl: issuer })),
    refusalOf(byJwt({ ...policyOf('https://issuer.example'), jwksUrl: issuer })),
  ])
  expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('invalid_request'))
  return errors.map(({ message }) => message).join('\n')
}

/** An engine whose name server says what a test wants. */
async function resolving(resolve: Network['resolve'], egress: Egress = {}) {
  const network = { ...systemNetwork(), resolve }
  const countersign = testCountersign({ verifiers: [oidc({ egress, network })] })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const issuer = closing(await fakeIssuer({ now: countersign.clock.now }))
  return {
    issuer,
    async logIn(named: string) {
      const authMethod = { method: 'oidc', policy: policyOf(named), lockout: 'off' } as const
      const { identity } = await host.identities.create({
        organization: 'acme',
        name: 'job',
        authMethod,
      })
      const token = issuer.sign({ iss: named, aud: AUDIENCE, sub: SUBJECT })
      return countersign.login({ method: 'oidc', identity: identity.id, credential: { token } }, {})
    },
  }
}

const PRIVATE = [
  '127.0.0.1',
  '[::1]',
  '0.0.0.0',
  '169.254.169.254',
  '[fd00:ec2::254]',
  '10.0.0.1',
  '100.64.0.1',
  '[::ffff:127.0.0.1]',
  'localhost.',
]

const SPELLINGS = [
  'https://0177.0.0.1',
  'https://0x7f.1',
  'https://2130706433',
  'https://１２７.0.0.1',
  'https://evil@127.0.0.1',
  'https://127.0.0.1#@good',
  'https://127。0。0。1',
  'http://0177.0.0.1',
]

const SCHEMES = [
  'file:///etc/passwd',
  'data:application/json,{}',
  'ftp://issuer.example',
  'unix:/run/x',
  'gopher://x',
  'https://x.example:25',
  'https://x.example:6379',
  'http://x.example',
]

describe('what a policy may have verifiers ask', () => {
  test.each(PRIVATE)('SSR-001 %s is refused when it is saved', async (host) => {
    expect(await saved(`https://${host}/`)).toMatch(/must not name/)
  })

  test('SSR-001 a name for a private address is refused when it is dialled', async () => {
    const { logIn, issuer } = await resolving(async () => ['127.0.0.1'])
    const { port } = new URL(issuer.url)
    expect(await refusalOf(logIn(`https://127.0.0.1.nip.example:8443/${port}`))).toMatchObject({
      code: 'unavailable',
    })
    expect(issuer.asked()).toEqual([])
  })

  test.each(SPELLINGS)('SSR-002 %s is what its parsed URL says', async (url) => {
    await saved(url)
  })

  test('SSR-004 one private address among public ones is one too many', async () => {
    const { logIn } = await resolving(async () => ['9.9.9.9', '127.0.0.1'])
    expect(await refusalOf(logIn('https://issuer.example'))).toMatchObject({ code: 'unavailable' })
  })

  test.each([302, 307, 308])('SSR-005 a redirect (%i) is not followed', async (status) => {
    const { logIn, issuer } = await anIssuedWorld()
    const inner = closing(
      await startServer((_request, response) => answerWith(response, { status: 200, body: '{}' })),
    )
    for (const location of [inner.url, 'file:///etc/passwd', 'http://169.254.169.254/']) {
      issuer.answer('*', { status, body: '', headers: { location } })
      expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    }
    expect(inner.asked()).toEqual([])
  })

  test.each(SCHEMES)('SSR-006 %s is refused when it is saved', async (url) => {
    await saved(url)
  })

  test('SSR-008 credentials in a URL are refused, and not repeated', async () => {
    expect(await saved('https://user:hunter2@issuer.example/')).not.toMatch(/hunter2|user/)
  })

  test('SSR-010 a private issuer that is wanted is reached, and its neighbour is not', async () => {
    const { logIn, issuer } = await anIssuedWorld()
    await expect(logIn()).resolves.toMatchObject({ tokenType: 'Bearer' })
    expect(await saved(issuer.url.replace('127.0.0.1', '127.0.0.2'), LOOPBACK)).toMatch(/must/)
  })
})

describe('what the environment says', () => {
  afterEach(() => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'])
      delete process.env[name]
  })

  test('SSR-007 of proxies is ignored', async () => {
    const proxy = closing(
      await startServer((_request, response) => answerWith(response, { status: 200, body: '{}' })),
    )
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'])
      process.env[name] = proxy.url
    const { logIn } = await anIssuedWorld()
    await expect(logIn()).resolves.toBeDefined()
    expect(proxy.asked()).toEqual([])
  })
})

describe('what is answered', () => {
  const answers: Readonly<Record<string, FakeAnswer>> = {
    'a page': {
      status: 200,
      body: '<h1>root:x:0:0</h1>',
      headers: { 'content-type': 'text/html' },
    },
    'a refusal': { status: 401, body: 'root:x:0:0' },
    'a redirect': {
      status: 302,
      body: 'root:x:0:0',
      headers: { location: 'https://root.example' },
    },
    'half of it': { status: 200, body: '{"issuer":' },
    'far too much': { status: 200, body: 'root:x:0:0'.repeat(100_000) },
  }

  test('SSR-009 shows in no answer and no event', async () => {
    const world = await anIssuedWorld()
    const faces: string[] = []
    for (const answer of Object.values(answers)) {
      world.issuer.answer('*', answer)
      world.countersign.clock.advance(6)
      const error = await refusalOf(world.logIn())
      faces.push(JSON.stringify([{ ...error }, error.message]))
      expect(String(error.cause)).not.toMatch(/root:x|127\.0\.0\.1/)
    }
    await world.issuer.close()
    world.countersign.clock.advance(6)
    const error = await refusalOf(world.logIn())
    faces.push(JSON.stringify([{ ...error }, error.message]))
    expect(new Set(faces).size).toBe(1)
    expect(JSON.stringify(await eventsOf(world.countersign))).not.toContain('root:x')
  })
})
