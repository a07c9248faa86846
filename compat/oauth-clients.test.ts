import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'
import { whoami } from '../examples/server/test/clients.ts'
import type { Ready, Run } from '../examples/server/test/reference-server.ts'
import { run } from '../examples/server/test/reference-server.ts'

// Clients of OAuth, unmodified, against the reference server.

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const INSECURE = { [oauth.allowInsecureRequests]: true } as const

let folder: string
let server: Run
let ready: Ready

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compat-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
})

after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const isWelcome = async (token: string): Promise<boolean> =>
  (await whoami(ready.url, token)).status === 200

async function openidClient(
  algorithm: 'oidc' | 'oauth2' = 'oauth2',
  authentication: openid.ClientAuth = openid.ClientSecretBasic(ready.clientSecret),
  clientId = ready.clientId,
): Promise<openid.Configuration> {
  return openid.discovery(new URL(ready.url), clientId, undefined, authentication, {
    algorithm,
    execute: [openid.allowInsecureRequests],
  })
}

/** What openid-client shows of a refused client: the challenge, and not the body. */
function challengeOf(error: unknown): string {
  assert.ok(error instanceof openid.WWWAuthenticateChallengeError)
  assert.equal(error.cause[0]?.parameters['error'], 'invalid_client')
  return error.cause[0]?.parameters['error_description'] ?? ''
}

for (const algorithm of ['oidc', 'oauth2'] as const)
  test(`openid-client discovers by ${algorithm}, logs in, introspects and revokes`, async () => {
    const client = await openidClient(algorithm)
    const { access_token: token, token_type } = await openid.clientCredentialsGrant(client)
    assert.equal(token_type, 'bearer')
    assert.equal(await isWelcome(token), true)
    const told = await openid.tokenIntrospection(client, token)
    assert.equal(told.active, true)
    assert.equal(told.client_id, ready.clientId)
    await openid.tokenRevocation(client, token)
    assert.deepEqual(await openid.tokenIntrospection(client, token), { active: false })
    assert.equal(await isWelcome(token), false)
  })

test('openid-client authenticates in the body as well', async () => {
  const client = await openidClient('oauth2', openid.ClientSecretPost(ready.clientSecret))
  const { access_token } = await openid.clientCredentialsGrant(client)
  assert.equal(await isWelcome(access_token), true)
})

test('openid-client cuts a token down, and cannot widen it again', async () => {
  const client = await openidClient()
  const { access_token } = await openid.clientCredentialsGrant(client)
  const exchange = (subject_token: string, scope: string) =>
    openid.genericGrantRequest(client, EXCHANGE, {
      subject_token,
      subject_token_type: ACCESS_TOKEN,
      scope,
    })
  const cut = await exchange(access_token, 'identity:read')
  assert.equal(cut.scope, 'identity:read')
  await assert.rejects(exchange(cut.access_token, '*'), { error: 'invalid_scope' })
  const told = await openid.tokenIntrospection(client, cut.access_token)
  assert.equal(told.scope, 'identity:read')
  const list = (token: string) =>
    fetch(`${ready.url}/api/v1/identities`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal((await list(cut.access_token)).status, 200)
  const create = (token: string) =>
    fetch(`${ready.url}/api/v1/identities`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'made', role: 'no-access' }),
    })
  assert.equal((await create(cut.access_token)).status, 403)
  assert.equal((await create(access_token)).status, 200)
})

test('openid-client binds a token to a key of its own (DPoP), which opens nothing without it', async () => {
  const client = await openidClient()
  const DPoP = openid.getDPoPHandle(client, await openid.randomDPoPKeyPair('ES256'))
  const granted = await openid.clientCredentialsGrant(client, {}, { DPoP })
  assert.equal(granted.token_type, 'dpop')
  const url = new URL('/api/whoami', ready.url)
  const get = [client, granted.access_token, url, 'GET'] as const
  const proved = await openid.fetchProtectedResource(...get, undefined, undefined, { DPoP })
  assert.equal(proved.status, 200)
  assert.equal(await isWelcome(granted.access_token), false)
})

test('openid-client is told in words that a scope and a service are unknown', async () => {
  const client = await openidClient()
  await assert.rejects(openid.clientCredentialsGrant(client, { scope: 'secret:fly' }), {
    error: 'invalid_scope',
    error_description:
      'scope must be permissions that this service knows, and no more than the token has',
  })
  await assert.rejects(
    openid.clientCredentialsGrant(client, { resource: 'https://api.example.com' }),
    { error: 'invalid_target' },
  )
})

test('openid-client is told in words that client_secret_jwt is not taken', async () => {
  const client = await openidClient('oauth2', openid.ClientSecretJwt(ready.clientSecret))
  await assert.rejects(openid.clientCredentialsGrant(client), (error: unknown) => {
    assert.match(challengeOf(error), /use private_key_jwt/)
    return true
  })
})

async function oauthServer(): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(ready.url)
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE })
  return oauth.processDiscoveryResponse(issuer, response)
}

test('oauth4webapi logs in, and its resource-server check accepts the token', async () => {
  const as = await oauthServer()
  const client: oauth.Client = { client_id: ready.clientId }
  const authentication = oauth.ClientSecretBasic(ready.clientSecret)
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    authentication,
    {},
    INSECURE,
  )
  const { access_token } = await oauth.processClientCredentialsResponse(as, client, response)
  const request = new Request('https://api.example.com/', {
    headers: { authorization: `Bearer ${access_token}` },
  })
  const claims = await oauth.validateJwtAccessToken(as, request, ready.url, INSECURE)
  assert.equal(claims.sub, ready.clientId)
  await assert.rejects(
    oauth.validateJwtAccessToken(as, request, 'https://api.example.com', INSECURE),
  )
})

test('oauth4webapi reads the metadata of the resource server (RFC 9728)', async () => {
  const resource = new URL(ready.url)
  const response = await oauth.resourceDiscoveryRequest(resource, INSECURE)
  const metadata = await oauth.processResourceDiscoveryResponse(resource, response)
  assert.deepEqual(metadata.authorization_servers, [ready.url])
})

test('oauth4webapi introspects and revokes', async () => {
  const as = await oauthServer()
  const client: oauth.Client = { client_id: ready.clientId }
  const authentication = oauth.ClientSecretPost(ready.clientSecret)
  const login = await oauth.clientCredentialsGrantRequest(as, client, authentication, {}, INSECURE)
  const { access_token } = await oauth.processClientCredentialsResponse(as, client, login)
  const introspect = async () => {
    const told = await oauth.introspectionRequest(
      as,
      client,
      authentication,
      access_token,
      INSECURE,
    )
    return oauth.processIntrospectionResponse(as, client, told)
  }
  assert.equal((await introspect()).active, true)
  const revoked = await oauth.revocationRequest(as, client, authentication, access_token, INSECURE)
  await oauth.processRevocationResponse(revoked)
  assert.deepEqual(await introspect(), { active: false })
})

const simpleClient = (secret: string, id = ready.clientId): ClientCredentials =>
  new ClientCredentials({
    client: { id, secret },
    auth: { tokenHost: ready.url, tokenPath: '/oauth/token', revokePath: '/oauth/revoke' },
  })

test('simple-oauth2 logs in and revokes', async () => {
  const token = await simpleClient(ready.clientSecret).getToken({ scope: 'identity:read' })
  assert.equal(token.token['scope'], 'identity:read')
  assert.equal(token.expired(), false)
  const { access_token } = token.token as { readonly access_token: string }
  assert.equal(await isWelcome(access_token), true)
  await token.revoke('access_token')
  assert.equal(await isWelcome(access_token), false)
})

test('each of them is told in words that a secret is wrong', async () => {
  const told = /The credential was not accepted/
  const { clientId } = ready.deployer
  await assert.rejects(
    openidClient('oauth2', openid.ClientSecretBasic('wrong'), clientId).then((client) =>
      openid.clientCredentialsGrant(client),
    ),
    (error: unknown) => {
      assert.match(challengeOf(error), told)
      return true
    },
  )
  await assert.rejects(simpleClient('wrong', clientId).getToken({}), (error: unknown) => {
    const { data } = error as { readonly data?: { readonly payload?: unknown } }
    assert.match(JSON.stringify(data?.payload), told)
    return true
  })
})
