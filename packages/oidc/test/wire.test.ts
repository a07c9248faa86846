import { createHandler } from '@countersign/http'
import { anIdentity, bearerFor } from '@countersign/testing'
import { fakeKey, signJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, SUBJECT } from './support/world.ts'

/** The handler over an issued world, and whoever may do everything in it. */
async function served() {
  const world = await anIssuedWorld()
  const handler = createHandler(world.countersign)
  const admin = await anIdentity(world.countersign, { organization: 'acme', role: 'admin' })
  const { authorization } = await bearerFor(world.countersign, admin)
  const ask = async (method: string, path: string, body?: object) => {
    const request = new Request(`https://countersign.test/api/v1/auth/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const response = await handler.handle(request, { clientAddress: '127.0.0.1' })
    return { status: response?.status, body: (await response?.json()) as unknown }
  }
  const { identity } = await world.host.identities.create({ organization: 'acme', name: 'by-wire' })
  return { ...world, ask, id: identity.id }
}

describe('oidc-auth on the wire of Infisical', () => {
  test('is attached, shown, changed, logged in by and taken away', async () => {
    const { ask, id, issuer, sign } = await served()
    const settings = {
      oidcDiscoveryUrl: issuer.url,
      boundIssuer: issuer.url,
      boundAudiences: `${AUDIENCE}, https://other.example`,
      boundSubject: SUBJECT,
      boundClaims: { ref: 'refs/heads/main' },
      accessTokenTTL: 600,
    }
    const path = `oidc-auth/identities/${id}`
    const shown = { identityId: id, boundIssuer: issuer.url, boundSubject: SUBJECT }
    expect(await ask('POST', path, settings)).toMatchObject({
      status: 200,
      body: { identityOidcAuth: { ...shown, accessTokenTTL: 600 } },
    })
    expect(await ask('GET', path)).toMatchObject({
      status: 200,
      body: { identityOidcAuth: { ...shown, boundClaims: { ref: 'refs/heads/main' } } },
    })
    const logIn = (jwt: string) => ask('POST', 'oidc-auth/login', { identityId: id, jwt })
    expect(await logIn(sign({ ref: 'refs/heads/main' }))).toMatchObject({
      status: 200,
      body: { tokenType: 'Bearer', expiresIn: 600, accessToken: expect.any(String) },
    })
    expect(await logIn(sign({ ref: 'refs/heads/evil' }))).toMatchObject({ status: 401 })
    const changed = await ask('PATCH', path, { boundClaims: { ref: 'refs/heads/evil' } })
    expect(changed).toMatchObject({ status: 200 })
    expect(await logIn(sign({ ref: 'refs/heads/main' }))).toMatchObject({ status: 401 })
    expect(await ask('DELETE', path)).toMatchObject({ status: 200 })
    expect(await ask('GET', path)).toMatchObject({ status: 404 })
    expect(await logIn(sign({ ref: 'refs/heads/evil' }))).toMatchObject({ status: 401 })
  })

  test('refuses settings that would let everybody in', async () => {
    const { ask, id, issuer } = await served()
    const open = { oidcDiscoveryUrl: issuer.url, boundIssuer: issuer.url, boundAudiences: AUDIENCE }
    const path = `oidc-auth/identities/${id}`
    expect(await ask('POST', path, open)).toMatchObject({ status: 400 })
    expect(await ask('GET', path)).toMatchObject({ status: 404 })
  })
})

describe('jwt-auth on the wire of Infisical', () => {
  test('is attached and logged in by', async () => {
    const { ask, id, issuer, sign } = await served()
    const settings = {
      jwksUrl: issuer.jwksUrl,
      boundIssuer: issuer.url,
      boundAudiences: AUDIENCE,
      boundSubject: SUBJECT,
    }
    expect(await ask('POST', `jwt-auth/identities/${id}`, settings)).toMatchObject({
      status: 200,
      body: { identityJwtAuth: { identityId: id, jwksUrl: issuer.jwksUrl } },
    })
    const logIn = (jwt: string) => ask('POST', 'jwt-auth/login', { identityId: id, jwt })
    const token = sign()
    expect(await logIn(token)).toMatchObject({ status: 200 })
    expect(await logIn(token)).toMatchObject({ status: 200 })
    expect(await logIn(sign({ sub: 'somebody else' }))).toMatchObject({ status: 401 })
    const path = `jwt-auth/identities/${id}`
    expect(await ask('PATCH', path, { replayProtection: 'jti' })).toMatchObject({ status: 200 })
    expect(await logIn(token)).toMatchObject({ status: 200 })
    expect(await logIn(token)).toMatchObject({ status: 401 })
    expect(await ask('PATCH', path, { replayProtection: 'often' })).toMatchObject({ status: 400 })
  })
})

describe('private-key-jwt-auth, beside them', () => {
  test('is attached with a key, shown, and logged in by with what that key signed', async () => {
    const { ask, id, countersign } = await served()
    const [key, other] = [fakeKey(), fakeKey()]
    const path = `private-key-jwt-auth/identities/${id}`
    const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const settings = { publicKeys: [pem] }
    expect(await ask('POST', path, settings)).toMatchObject({
      status: 200,
      body: { identityPrivateKeyJwtAuth: { identityId: id, publicKeys: [pem] } },
    })
    const now = Math.floor(countersign.clock.now().getTime() / 1000)
    const logIn = (by: typeof key) => {
      const claims = { iss: id, sub: id, aud: AUDIENCE, iat: now, exp: now + 60, jti: by.kid }
      const assertion = signJwt(by, { alg: by.algorithm, kid: by.kid }, claims)
      return ask('POST', 'private-key-jwt-auth/login', { identityId: id, assertion })
    }
    expect(await logIn(key)).toMatchObject({ status: 200, body: { tokenType: 'Bearer' } })
    expect(await logIn(other)).toMatchObject({ status: 401 })
    expect(await ask('POST', path, { publicKeys: ['-----BEGIN PRIVATE KEY-----'] })).toMatchObject({
      status: 400,
    })
  })
})
