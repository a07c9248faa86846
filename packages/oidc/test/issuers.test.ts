import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { OAuth2Server } from 'oauth2-mock-server'
import Provider from 'oidc-provider'
import { expect, test } from 'vitest'
import { AUDIENCE, aWorld, closing, refusalOf } from './support/world.ts'

async function keyOf(kid: string) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
}

/** A real issuer on a port that stays while its keys change. */
async function aProvider() {
  let listener: RequestListener = () => undefined
  const server: Server = createServer((request, response) => listener(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  closing({
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  })
  const restart = (...keys: Awaited<ReturnType<typeof keyOf>>[]): void => {
    const provider = new Provider(url, {
      jwks: { keys },
      clients: [
        {
          client_id: 'job',
          client_secret: 'secret',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          getResourceServerInfo: () => ({
            scope: '',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      extraTokenClaims: () => ({ team: { name: 'payments', tags: ['a', 'b'] } }),
    })
    listener = provider.callback()
  }
  const issue = async (): Promise<string> => {
    const headers = {
      authorization: `Basic ${btoa('job:secret')}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const answer = await fetch(`${url}/token`, {
      method: 'POST',
      headers,
      body: 'grant_type=client_credentials',
    })
    return ((await answer.json()) as { access_token: string }).access_token
  }
  return { url, restart, issue }
}

test('oidc() believes oidc-provider, also after it changed its keys', async () => {
  const { url, restart, issue } = await aProvider()
  const [first, second] = await Promise.all([keyOf('first'), keyOf('second')])
  restart(first)
  const { byOidc, login, countersign } = await aWorld()
  countersign.clock.set(new Date())
  const identity = await byOidc({
    issuer: url,
    audiences: [AUDIENCE],
    subject: 'job',
    types: ['at+jwt'],
    claims: { '/team/name': 'payments', '/team/tags': { some: 'b' } },
  })
  const old = await issue()
  await expect(login(identity, old)).resolves.toMatchObject({ tokenType: 'Bearer' })
  restart(second, first)
  const fresh = await issue()
  expect(await refusalOf(login(identity, fresh))).toMatchObject({ reason: 'unknown_key' })
  countersign.clock.advance(30)
  await expect(login(identity, fresh)).resolves.toMatchObject({ tokenType: 'Bearer' })
  await expect(login(identity, old)).resolves.toBeDefined()
  const plain = await byOidc({ issuer: url, audiences: [AUDIENCE], subject: 'job' })
  expect(await refusalOf(login(plain, fresh))).toMatchObject({ reason: 'type_not_allowed' })
})

test('oidc() believes oauth2-mock-server, and none of its claims that the policy does not want', async () => {
  const server = new OAuth2Server()
  await server.issuer.keys.generate('ES256')
  await server.start(0, '127.0.0.1')
  closing({ close: () => server.stop() })
  const { url = '' } = server.issuer
  const { byOidc, login, countersign } = await aWorld()
  countersign.clock.set(new Date())
  const policy = { issuer: url, audiences: [AUDIENCE], subject: 'job', claims: { admin: false } }
  const identity = await byOidc(policy)
  const issue = (claims: object) =>
    server.issuer.buildToken({
      scopesOrTransform: (_header, payload) => void Object.assign(payload, claims),
    })
  const good = { aud: AUDIENCE, sub: 'job', admin: false }
  await expect(login(identity, await issue(good))).resolves.toMatchObject({ tokenType: 'Bearer' })
  for (const bad of [
    { ...good, admin: true },
    { ...good, admin: 'false' },
    { ...good, sub: 'x' },
  ])
    expect(await refusalOf(login(identity, await issue(bad)))).toMatchObject({
      code: 'invalid_credential',
    })
})
