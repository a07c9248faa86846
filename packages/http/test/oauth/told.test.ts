import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { ask } from '../support/ask.ts'
import { API, anOAuth, basicOf, tokenIn } from '../support/oauth.ts'
import { another, aWorkload, HOME } from '../support/workload.ts'

const WRONG = 'cst_cs_wr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0n'

describe('/oauth/introspect', () => {
  test('tells a client of its organization what a token is good for', async () => {
    const { token, post, basic, clientId, clientSecret } = await anOAuth()
    const cut = tokenIn(await token({ scope: 'secret:read' }))
    const asked = [
      { authorization: basic, fields: { token: cut, token_type_hint: 'access_token' } },
      { authorization: `Bearer ${tokenIn(await token())}`, fields: { token: cut } },
      { fields: { token: cut, client_id: clientId, client_secret: clientSecret } },
    ]
    for (const posted of asked) {
      const answer = await post('/oauth/introspect', posted)
      expect(bodyOf(answer)).toMatchObject({
        active: true,
        sub: clientId,
        client_id: clientId,
        scope: 'secret:read',
        token_type: 'Bearer',
        exp: expect.any(Number),
      })
      expect(bodyOf(answer)).not.toHaveProperty('permissions')
    }
    const whole = { token: tokenIn(await token()) }
    const told = bodyOf(await post('/oauth/introspect', { authorization: basic, fields: whole }))
    expect(told).not.toHaveProperty('scope')
  })

  test('tells the same of dead tokens, of noise, and of the tokens of another organization', async () => {
    const { token, post, basic, countersign } = await anOAuth()
    const host = countersign.asHost('test')
    await host.organizations.ensure({ id: 'globex', name: 'Globex' })
    const { identity } = await host.identities.create({
      organization: 'globex',
      name: 'spy',
      authMethod: { method: 'universal' },
    })
    const { clientSecret } = await host.clientSecrets.create({
      organization: 'globex',
      identity: identity.id,
    })
    const spy = basicOf(identity.id, clientSecret)
    const dead = tokenIn(await token())
    const alive = tokenIn(await token())
    await countersign.revoke(dead, HOME)
    const faces = []
    for (const [authorization, shown] of [
      [basic, dead],
      [basic, 'noise'],
      [spy, alive],
    ] as const)
      faces.push(
        (await post('/oauth/introspect', { authorization, fields: { token: shown } })).body,
      )
    expect(new Set(faces)).toEqual(new Set(['{"active":false}']))
  })

  test('asks who asks, before anything is told', async () => {
    const { token, post, clientId, basic } = await anOAuth()
    const fields = { token: tokenIn(await token()) }
    const asked = [
      [undefined, 401, 'invalid_client'],
      [basicOf(clientId, WRONG), 401, 'invalid_client'],
      ['Bearer a.b.c', 401, 'invalid_token'],
    ] as const
    for (const [authorization, status, error] of asked) {
      const answer = await post('/oauth/introspect', { authorization, fields })
      expect({ status: answer.status, ...bodyOf(answer) }).toMatchObject({ status, error })
      expect(answer.body).not.toContain('active')
    }
    const nothing = await post('/oauth/introspect', { authorization: basic })
    expect(bodyOf(nothing)).toMatchObject({ error: 'invalid_request' })
  })
})

describe('/oauth/revoke', () => {
  test('ends a login, with its client or by the token alone, and says the same of noise', async () => {
    const { token, post, basic, clientId, countersign } = await anOAuth()
    for (const posted of [
      { authorization: basic },
      {},
      { fields: { client_id: clientId } as Readonly<Record<string, string>> },
    ]) {
      const shown = tokenIn(await token())
      const fields = { ...posted.fields, token: shown, token_type_hint: 'refresh_token' }
      const answer = await post('/oauth/revoke', { ...posted, fields })
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: '{}' })
      expect(await countersign.introspect(shown)).toEqual({ active: false })
      const noise = await post('/oauth/revoke', {
        ...posted,
        fields: { ...fields, token: 'noise' },
      })
      expect(noise.body).toBe('{}')
    }
  })

  test('refuses a wrong client, and the living token of another one', async () => {
    const { token, post, clientId, countersign } = await anOAuth()
    const other = await another(countersign, { name: 'other' })
    const fields = { token: tokenIn(await token()) }
    const wrong = await post('/oauth/revoke', { authorization: basicOf(clientId, WRONG), fields })
    expect({ status: wrong.status, ...bodyOf(wrong) }).toMatchObject({
      status: 401,
      error: 'invalid_client',
    })
    const basic = basicOf(other.clientId, other.clientSecret)
    const foreign = await post('/oauth/revoke', { authorization: basic, fields })
    expect({ status: foreign.status, ...bodyOf(foreign) }).toMatchObject({
      status: 400,
      error: 'unauthorized_client',
    })
    expect(await countersign.introspect(fields.token)).toMatchObject({ active: true })
    expect(bodyOf(await post('/oauth/revoke'))).toMatchObject({ error: 'invalid_request' })
  })

  test('ends what is meant for another service as well', async () => {
    const { token, post, countersign } = await anOAuth({ tokenPolicy: { audiences: [API] } })
    const fields = { token: tokenIn(await token({ resource: API })) }
    expect(await countersign.introspect(fields.token)).toMatchObject({ active: true, aud: API })
    await post('/oauth/revoke', { fields })
    expect(await countersign.introspect(fields.token)).toEqual({ active: false })
  })
})

describe('the documents', () => {
  async function documentsOf(issuer: string, prefix = '') {
    const { countersign } = await aWorkload({ issuer })
    const handler = createHandler(countersign, { prefix })
    const read = async (path: string) => {
      const answer = await ask(handler, path, { method: 'GET' })
      expect(answer.headers['cache-control']).toBe('public, max-age=300')
      return bodyOf(answer)
    }
    return { handler, read }
  }

  test('say what there is, and each path in them is served', async () => {
    const { handler, read } = await documentsOf('https://id.example.com')
    const server = await read('/.well-known/oauth-authorization-server')
    expect(server).toMatchObject({
      issuer: 'https://id.example.com',
      token_endpoint: 'https://id.example.com/oauth/token',
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      response_types_supported: [],
    })
    expect(server['grant_types_supported']).toContain('client_credentials')
    const methods = JSON.stringify(server)
    expect(methods).not.toContain('client_secret_jwt')
    for (const [name, url] of Object.entries(server)) {
      if (!/_(endpoint|uri)$/.test(name)) continue
      const method = name === 'jwks_uri' ? 'GET' : 'POST'
      expect(handler.owns(method, new URL(String(url)).pathname)).toBe(true)
    }
    const openid = await read('/.well-known/openid-configuration')
    expect(openid).toMatchObject({ ...server, subject_types_supported: ['public'] })
    expect(await read('/.well-known/oauth-protected-resource')).toMatchObject({
      resource: 'https://id.example.com',
      authorization_servers: ['https://id.example.com'],
    })
  })

  test('lie behind their well-known names where the issuer has a path (RFC 8414 section 3.1)', async () => {
    const { handler, read } = await documentsOf('https://example.com/identity', '/identity')
    const server = await read('/.well-known/oauth-authorization-server/identity')
    expect(server).toMatchObject({
      issuer: 'https://example.com/identity',
      token_endpoint: 'https://example.com/identity/oauth/token',
      jwks_uri: 'https://example.com/identity/.well-known/jwks.json',
    })
    expect(await read('/identity/.well-known/openid-configuration')).toMatchObject(server)
    expect(handler.owns('POST', '/identity/oauth/token')).toBe(true)
    expect(handler.owns('POST', '/oauth/token')).toBe(false)
    expect(handler.rootPaths).toContain('/.well-known/oauth-authorization-server/identity')
  })

  test('are where a challenge for a token says that they are, and no other answer does', async () => {
    for (const [issuer, prefix] of [
      ['https://id.example.com', undefined],
      ['https://example.com/identity', '/identity'],
    ] as const) {
      const { handler, read } = await documentsOf(issuer, prefix)
      const asked = (headers: Readonly<Record<string, string>>) =>
        ask(handler, `${prefix ?? ''}/api/v1/identities/details`, { method: 'GET', headers })
      for (const authorization of [undefined, 'Bearer nothing', 'DPoP nothing']) {
        const { status, headers } = await asked(authorization ? { authorization } : {})
        const url = /^(?:Bearer|DPoP) .*, resource_metadata="([^"]+)"$/.exec(
          headers['www-authenticate'] ?? '',
        )?.[1]
        expect(status).toBe(401)
        expect(await read(new URL(url ?? '').pathname)).toMatchObject({ resource: issuer })
      }
    }
    const { post, clientId } = await anOAuth()
    const fields = { grant_type: 'client_credentials' }
    const failed = await post('/oauth/token', { authorization: basicOf(clientId, WRONG), fields })
    expect([failed.status, failed.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="countersign", error="invalid_client", error_description="The credential was not accepted"',
    ])
  })
})
