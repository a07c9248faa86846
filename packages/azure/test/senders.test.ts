import { ManagedIdentityCredential } from '@azure/identity'
import { azure } from '@countersign/azure'
import { azure as fromAzure } from '@countersign/client'
import { testCountersign } from '@countersign/testing'
import { fakeAzure } from '@countersign/testing/fakes'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { AUDIENCE, LOOPBACK, refusalOf } from './support/world.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** The managed identity of an app, and an engine that trusts it. */
async function anApp() {
  const fake = await fakeAzure({ now: () => countersign.clock.now() })
  onTestFinished(() => fake.close())
  const countersign = testCountersign({
    verifiers: [azure({ egress: LOOPBACK, keyHost: fake.url })],
  })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { tenant, oid } = fake
  const policy = { tenant, audiences: [AUDIENCE], servicePrincipals: [oid] }
  const authMethod = { method: 'azure', policy, lockout: 'off' } as const
  const given = { organization: 'acme', name: 'job', authMethod }
  const { identity } = await host.identities.create(given)
  const logIn = (token: string) =>
    countersign.login({ method: 'azure', identity: identity.id, credential: { token } }, {})
  return { fake, identity, logIn }
}

test('ManagedIdentityCredential fetches its token as in App Service and logs in', {
  timeout: 60_000,
}, async () => {
  const { fake, logIn } = await anApp()
  vi.stubEnv('IDENTITY_ENDPOINT', fake.identityEndpoint)
  vi.stubEnv('IDENTITY_HEADER', fake.identityHeader)
  const fetched = async (scope: string): Promise<string> =>
    (await new ManagedIdentityCredential().getToken(scope)).token
  await expect(logIn(await fetched(`${AUDIENCE}/.default`))).resolves.toMatchObject({
    tokenType: 'Bearer',
  })
  expect(await refusalOf(logIn(await fetched('api://other/.default')))).toMatchObject({
    code: 'invalid_credential',
  })
})

test('our own client asks App Service and the metadata service the same way', async () => {
  const { fake, identity, logIn } = await anApp()
  const endpoint = { url: fake.identityEndpoint, header: fake.identityHeader }
  const usual = { identity: identity.id, resource: AUDIENCE }
  for (const source of [
    fromAzure({ ...usual, endpoint }),
    fromAzure({ ...usual, metadataUrl: fake.url }),
  ]) {
    const { fields } = await source.read({
      runtime: {
        now: () => 0,
        wallClock: () => new Date(),
        random: () => 0.5,
        fetch,
        pause: async () => undefined,
        deadline: () => AbortSignal.timeout(10_000),
      },
      signal: new AbortController().signal,
      audience: AUDIENCE,
    })
    await expect(logIn(fields['jwt'] ?? '')).resolves.toMatchObject({ tokenType: 'Bearer' })
  }
})
