import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { aws } from '@countersign/aws'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { FakeAwsCredentials, FakeSts } from '@countersign/testing/fakes'
import { fakeSts } from '@countersign/testing/fakes'
import type { AwsClient } from 'google-auth-library'
import { ExternalAccountClient } from 'google-auth-library'
import { serve } from './federation-server.ts'

// google-auth-library on a machine of AWS, unmodified: it signs a request for STS and exchanges that for a token of ours.

const ACCOUNT = '111111111111'
const AWS4_REQUEST = 'urn:ietf:params:aws:token-type:aws4_request'

let sts: FakeSts
let world: Awaited<ReturnType<typeof aServer>>
let identity: string

async function aServer(fake: FakeSts) {
  const endpoints = [{ url: fake.url, ca: fake.ca }]
  return serve((url) =>
    createCountersign({
      issuer: url,
      rootKeys: [randomBytes(32).toString('base64url')],
      storage: memoryStorage(),
      // The library names its audience in a header that it does not sign.
      verifiers: [aws({ audience: url, allowUnbound: true, endpoints })],
      resources: { report: { scope: 'organization', actions: ['read', 'write'] } },
    }),
  )
}

before(async () => {
  sts = await fakeSts()
  world = await aServer(sts)
  await world.countersign.asHost('compat').organizations.create({ id: 'acme', name: 'Acme' })
  identity = await attach({})
})

after(async () => {
  await world.close()
  await sts.close()
})

async function attach(policy: { readonly audienceRequired?: true }): Promise<string> {
  const principals = [`arn:aws:iam::${ACCOUNT}:role/app`]
  const authMethod = { method: 'aws', policy: { principals, ...policy } } as const
  const host = world.countersign.asHost('compat')
  const made = await host.identities.create({ organization: 'acme', name: 'worker', authMethod })
  return made.identity.id
}

/** What `gcloud iam workload-identity-pools create-cred-config --aws` writes, with our endpoint and our identity. */
function externalAccount(
  audience = identity,
  keys: FakeAwsCredentials = sts.assumeRole(ACCOUNT, 'app'),
): AwsClient {
  process.env['AWS_REGION'] = 'eu-west-1'
  process.env['AWS_ACCESS_KEY_ID'] = keys.accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = keys.secretAccessKey
  process.env['AWS_SESSION_TOKEN'] = keys.sessionToken ?? ''
  const client = ExternalAccountClient.fromJSON({
    type: 'external_account',
    audience,
    subject_token_type: AWS4_REQUEST,
    token_url: `${world.url}/oauth/token`,
    credential_source: {
      environment_id: 'aws1',
      regional_cred_verification_url:
        'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  })
  assert.ok(client)
  return client as AwsClient
}

const nameOf = async (token: string | null | undefined): Promise<string> =>
  (await world.countersign.authenticate(token ?? '', { address: '127.0.0.1' })).identity

test('google-auth-library logs in by the keys of a role, with a scope of ours', async () => {
  const client = externalAccount()
  client.scopes = ['report:read']
  const { token } = await client.getAccessToken()
  assert.equal(await nameOf(token), identity)
  const told = await world.countersign.introspect(token ?? '')
  assert.equal(told.active && told.scope, 'report:read')
  const { headers, target, body } = sts.received().at(-1) ?? {}
  assert.equal(headers?.['host'], 'sts.eu-west-1.amazonaws.com')
  assert.equal(target, '/?Action=GetCallerIdentity&Version=2011-06-15')
  assert.equal(body, '')
})

test('google-auth-library names the auth method behind the identity', async () => {
  const { token } = await externalAccount(`${identity}/aws`).getAccessToken()
  assert.equal(await nameOf(token), identity)
})

test('google-auth-library is told in words that its keys are wrong, or another role', async () => {
  const app = sts.assumeRole(ACCOUNT, 'app')
  for (const keys of [{ ...app, secretAccessKey: 'x' }, sts.assumeRole(ACCOUNT, 'other')])
    await assert.rejects(
      externalAccount(identity, keys).getAccessToken(),
      /invalid_request.*The credential was not accepted/,
    )
})

test('google-auth-library is refused where the audience must be signed', async () => {
  const strict = await attach({ audienceRequired: true })
  const asked = sts.asked().length
  await assert.rejects(externalAccount(strict).getAccessToken(), /was not accepted/)
  assert.equal(sts.asked().length, asked)
})

test('what google-auth-library signed opens one login, and no other identity', async () => {
  const token = await externalAccount().retrieveSubjectToken()
  const exchange = async (audience: string): Promise<number> => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: AWS4_REQUEST,
      subject_token: token,
      audience,
    })
    return (await fetch(`${world.url}/oauth/token`, { method: 'POST', body })).status
  }
  assert.equal(await exchange(await attach({})), 400)
  assert.equal(await exchange(identity), 200)
  assert.equal(await exchange(identity), 400)
})
