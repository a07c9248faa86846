import { createClient, gcp as fromGcp } from '@countersign/client'
import { gcp } from '@countersign/gcp'
import { createHandler } from '@countersign/http'
import { testCountersign } from '@countersign/testing'
import { fakeGoogle } from '@countersign/testing/fakes'
import { GoogleAuth } from 'google-auth-library'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { AUDIENCE, LOOPBACK, refusalOf } from './support/world.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A metadata server of Google's, and an engine that trusts what it hands out to instances of one project. */
async function anInstance() {
  const fake = await fakeGoogle({ now: () => countersign.clock.now() })
  onTestFinished(() => fake.close())
  const places = { google: fake.keysUrl, serviceAccounts: fake.accountKeysUrl }
  const countersign = testCountersign({ verifiers: [gcp({ egress: LOOPBACK, places })] })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const policy = { audiences: [AUDIENCE], projects: ['acme-prod'], zones: ['europe-west1-b'] }
  const authMethod = { method: 'gcp', policy, lockout: 'off' } as const
  const given = { organization: 'acme', name: 'job', authMethod }
  const { identity } = await host.identities.create(given)
  const logIn = (token: string) =>
    countersign.login({ method: 'gcp', identity: identity.id, credential: { token } }, {})
  return { fake, countersign, identity, logIn }
}

test('google-auth-library fetches its token from the metadata server and logs in', {
  timeout: 60_000,
}, async () => {
  const { fake, logIn } = await anInstance()
  vi.stubEnv('GCE_METADATA_HOST', fake.metadataHost)
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
  vi.stubEnv('HOME', '/nonexistent')
  const fetched = async (audience: string): Promise<string> => {
    const client = await new GoogleAuth().getIdTokenClient(audience)
    return client.idTokenProvider.fetchIdToken(audience)
  }
  await expect(logIn(await fetched(AUDIENCE))).resolves.toMatchObject({ tokenType: 'Bearer' })
  expect(await refusalOf(logIn(await fetched('https://other.example')))).toMatchObject({
    code: 'invalid_credential',
  })
})

test('our own client asks the metadata server the same way, and logs in over the wire', async () => {
  const { fake, countersign, identity } = await anInstance()
  const handler = createHandler(countersign)
  const fetchThrough: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    if (!request.url.startsWith('https://countersign.test')) return fetch(request)
    const answer = await handler.handle(request, { clientAddress: '127.0.0.1' })
    return answer ?? new Response('', { status: 404 })
  }
  const client = createClient({
    url: 'https://countersign.test',
    auth: fromGcp({ identity: identity.id, audience: AUDIENCE, metadataHost: fake.metadataHost }),
    runtime: {
      now: () => countersign.clock.now().getTime(),
      wallClock: () => countersign.clock.now(),
      random: () => 0.5,
      fetch: fetchThrough,
      pause: async () => undefined,
      deadline: () => AbortSignal.timeout(10_000),
    },
  })
  await expect(countersign.authenticate(await client.token(), {})).resolves.toMatchObject({
    method: 'gcp',
  })
  expect(fake.asked()[0]).toMatch(/format=full/)
})
