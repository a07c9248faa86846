import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ExternalAccountClient } from 'google-auth-library'
import * as openid from 'openid-client'
import { aFederation } from './federation-server.ts'

// Clients without a secret, unmodified: federation by a token of another issuer, and by a key of one's own.

const SUBJECT = 'repo:org/app:ref:refs/heads/main'
const OAUTH = 'urn:ietf:params:oauth:'

let world: Awaited<ReturnType<typeof aFederation>>
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compat-'))
  world = await aFederation()
})

after(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

const nameOf = async (token: string | null | undefined): Promise<string> =>
  (await world.countersign.authenticate(token ?? '', { address: '127.0.0.1' })).identity

function federated(): Promise<string> {
  const { issuer, url, identityBy } = world
  const policy = { issuer: issuer.url, audiences: [url], subject: SUBJECT }
  return identityBy({ method: 'oidc', policy })
}

/** What `gcloud iam workload-identity-pools create-cred-config` writes, with our endpoint and our identity. */
async function externalAccount(identity: string, token: string, type = 'jwt') {
  const file = join(folder, `${identity}.jwt`)
  await writeFile(file, token)
  const client = ExternalAccountClient.fromJSON({
    type: 'external_account',
    audience: identity,
    subject_token_type: `${OAUTH}token-type:${type}`,
    token_url: `${world.url}/oauth/token`,
    credential_source: { file },
  })
  assert.ok(client)
  return client
}

const foreignToken = (claims: object = {}): string =>
  world.issuer.sign({ aud: world.url, sub: SUBJECT, ...claims })

for (const type of ['jwt', 'id_token'])
  test(`google-auth-library logs in by an external account, with a ${type}`, async () => {
    const identity = await federated()
    const client = await externalAccount(identity, foreignToken(), type)
    const { token } = await client.getAccessToken()
    assert.equal(await nameOf(token), identity)
    const headers = await client.getRequestHeaders()
    assert.equal(headers.get('authorization'), `Bearer ${token}`)
  })

test('google-auth-library asks for a scope of ours', async () => {
  const client = await externalAccount(await federated(), foreignToken())
  client.scopes = ['report:read']
  const { token } = await client.getAccessToken()
  const told = await world.countersign.introspect(token ?? '')
  assert.equal(told.active && told.scope, 'report:read')
})

test('google-auth-library is told in words that a token is refused', async () => {
  const client = await externalAccount(await federated(), foreignToken({ sub: 'repo:other/app' }))
  await assert.rejects(client.getAccessToken(), /invalid_request.*The credential was not accepted/)
})

async function keyed(key = generateKeyPairSync('ec', { namedCurve: 'P-256' })) {
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const identity = await world.identityBy({
    method: 'private-key-jwt',
    policy: { keys: [{ pem }] },
  })
  const der = key.privateKey.export({ type: 'pkcs8', format: 'der' })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  return { identity, privateKey }
}

function openidClient(identity: string, key: openid.CryptoKey): Promise<openid.Configuration> {
  return openid.discovery(new URL(world.url), identity, undefined, openid.PrivateKeyJwt(key), {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  })
}

test('openid-client logs in, introspects and revokes by private_key_jwt', async () => {
  const { identity, privateKey } = await keyed()
  const client = await openidClient(identity, privateKey)
  const { access_token: token } = await openid.clientCredentialsGrant(client)
  assert.equal(await nameOf(token), identity)
  assert.equal((await openid.tokenIntrospection(client, token)).active, true)
  await openid.tokenRevocation(client, token)
  assert.deepEqual(await openid.tokenIntrospection(client, token), { active: false })
})

test('openid-client is refused with the key of somebody else', async () => {
  const [mine, other] = [await keyed(), await keyed()]
  const client = await openidClient(mine.identity, other.privateKey)
  await assert.rejects(openid.clientCredentialsGrant(client), (error: unknown) => {
    assert.ok(error instanceof openid.WWWAuthenticateChallengeError)
    assert.match(
      error.cause[0]?.parameters['error_description'] ?? '',
      /The credential was not accepted/,
    )
    return true
  })
})

test('openid-client logs in by a JWT bearer grant with the token of another issuer', async () => {
  const identity = await federated()
  const client = await openid.discovery(new URL(world.url), identity, undefined, openid.None(), {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  })
  const grant = `${OAUTH}grant-type:jwt-bearer`
  const { access_token } = await openid.genericGrantRequest(client, grant, {
    assertion: foreignToken(),
  })
  assert.equal(await nameOf(access_token), identity)
})
