import { createHandler } from '@countersign/http'
import type { FakeKey } from '@countersign/testing/fakes'
import { fakeKey, signJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, aWorld, HOME, SUBJECT } from './support/world.ts'

/** 2026-03-01T12:00:00Z */
const NOW = 1_772_366_400
const OAUTH = 'urn:ietf:params:oauth:'
const TYPE = `${OAUTH}client-assertion-type:jwt-bearer`
const EXCHANGE = `${OAUTH}grant-type:token-exchange`
const BEARER = `${OAUTH}grant-type:jwt-bearer`

type Fields = Readonly<Record<string, string>>
type World = Pick<Awaited<ReturnType<typeof aWorld>>, 'countersign'>

/** Posts a form to the routes over an engine. */
function askerOf({ countersign }: World) {
  const handler = createHandler(countersign)
  return async (path: string, fields: Fields) => {
    const request = new Request(`${AUDIENCE}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    })
    const response = await handler.handle(request, HOME)
    const body = (await response?.json()) as Readonly<Record<string, unknown>>
    return { status: response?.status, body }
  }
}

let made = 0

/** Somebody who signs for itself. */
async function aSigner(key: FakeKey = fakeKey()) {
  const world = await aWorld()
  const identity = await world.byKey({ keys: [{ jwk: key.jwk }] })
  const ask = askerOf(world)
  const say = (claims: object = {}, by = key) => {
    made += 1
    const usual = { iss: identity, sub: identity, aud: AUDIENCE, iat: NOW, exp: NOW + 60 }
    const all = { ...usual, jti: `oauth ${made}`, ...claims }
    return signJwt(by, { alg: by.algorithm, kid: by.kid }, all)
  }
  const shown = (assertion = say()) => ({
    client_assertion: assertion,
    client_assertion_type: TYPE,
  })
  const token = (fields: Fields = {}) =>
    ask('/oauth/token', { grant_type: 'client_credentials', ...shown(), ...fields })
  return { ...world, identity, ask, say, shown, token }
}

describe('private_key_jwt at the token endpoint', () => {
  test('lets in the client that the subject names, with or without its client_id', async () => {
    const { token, identity, say, countersign } = await aSigner()
    const asked = [
      {},
      { client_id: identity },
      { client_assertion: say({ aud: `${AUDIENCE}/oauth/token` }) },
    ]
    for (const fields of asked) {
      const { status, body } = await token(fields)
      expect(status).toBe(200)
      const principal = await countersign.authenticate(String(body['access_token']), HOME)
      expect(principal).toMatchObject({ identity, method: 'private-key-jwt' })
    }
  })

  test.each([
    ['for somebody else', { aud: 'https://other.example' }],
    ['of somebody else', { iss: 'idn_other' }],
    ['about somebody else', { sub: 'idn_other' }],
    ['that is over', { iat: NOW - 600, exp: NOW - 60 }],
    ['without a subject', { sub: undefined }],
  ])('refuses an assertion %s', async (_what, claims) => {
    const { token, say } = await aSigner()
    const { status, body } = await token({ client_assertion: say(claims) })
    expect({ status, ...body }).toMatchObject({ status: 401, error: 'invalid_client' })
  })

  test('refuses another key, a second use, and an id that is not the subject', async () => {
    const { token, say } = await aSigner()
    const once = say()
    expect(await token({ client_assertion: once })).toMatchObject({ status: 200 })
    for (const fields of [
      { client_assertion: once },
      { client_assertion: say({}, fakeKey()) },
      { client_id: 'idn_other' },
    ])
      expect(await token(fields)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('authenticates whoever introspects and revokes, and is a grant of its own', async () => {
    const { token, ask, shown, say, identity, countersign } = await aSigner()
    const { body } = await token()
    const fields = { token: String(body['access_token']) }
    const told = await ask('/oauth/introspect', { ...fields, ...shown() })
    expect(told).toMatchObject({ status: 200, body: { active: true, sub: identity } })
    expect(await ask('/oauth/revoke', { ...fields, ...shown() })).toMatchObject({ status: 200 })
    expect(await countersign.introspect(fields.token)).toEqual({ active: false })
    const granted = await ask('/oauth/token', { grant_type: BEARER, assertion: say() })
    expect(granted).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
    const refused = await ask('/oauth/token', { grant_type: BEARER, assertion: say({ aud: 'x' }) })
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('is named by the metadata', async () => {
    const { countersign } = await aWorld()
    const url = `${AUDIENCE}/.well-known/oauth-authorization-server`
    const response = await createHandler(countersign).handle(new Request(url), HOME)
    expect(await response?.json()).toMatchObject({
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['ES256', 'EdDSA']),
    })
  })
})

describe('the exchange of foreign tokens', () => {
  const foreign = (subject_token: string, audience: string, type = 'jwt') => ({
    grant_type: EXCHANGE,
    subject_token,
    subject_token_type: `${OAUTH}token-type:${type}`,
    audience,
  })

  test.each(['jwt', 'id_token'])(
    'logs in by a %s the identity that audience names',
    async (type) => {
      const world = await anIssuedWorld()
      const { identity, sign, countersign } = world
      const ask = askerOf(world)
      for (const named of [identity, `${identity}/oidc`]) {
        const { status, body } = await ask('/oauth/token', foreign(sign(), named, type))
        expect({ status, ...body }).toMatchObject({
          status: 200,
          issued_token_type: `${OAUTH}token-type:access_token`,
          token_type: 'Bearer',
        })
        const principal = await countersign.authenticate(String(body['access_token']), HOME)
        expect(principal).toMatchObject({ identity, method: 'oidc' })
      }
      const byClient = { ...foreign(sign(), ''), client_id: identity }
      expect(await ask('/oauth/token', byClient)).toMatchObject({ status: 200 })
      const bearer = { grant_type: BEARER, assertion: sign(), client_id: identity }
      expect(await ask('/oauth/token', bearer)).toMatchObject({ status: 200 })
    },
  )

  test('finds the method that an identity has, and takes another by its name alone', async () => {
    const world = await aWorld()
    const key = fakeKey()
    const issuer = 'https://issuer.example'
    const policy = { issuer, keys: [{ jwk: key.jwk }], audiences: [AUDIENCE], subject: SUBJECT }
    const identity = await world.byJwt(policy)
    const ask = askerOf(world)
    const claims = { iss: issuer, sub: SUBJECT, aud: AUDIENCE, iat: NOW, exp: NOW + 60, jti: 'a' }
    const token = signJwt(key, { alg: key.algorithm, kid: key.kid }, claims)
    expect(await ask('/oauth/token', foreign(token, identity))).toMatchObject({ status: 200 })
    const byOidc = await ask('/oauth/token', foreign(token, `${identity}/oidc`))
    expect(byOidc).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const byNone = await ask('/oauth/token', foreign(token, `${identity}/universal`))
    expect(byNone.body['error_description']).toContain('No auth method')
  })

  test.each([
    ['another subject', { sub: 'repo:other/app:ref:refs/heads/main' }],
    ['another audience', { aud: 'https://other.example' }],
    ['an end that has come', { iat: NOW - 7200, exp: NOW - 3600 }],
  ])('refuses a token with %s, and says no more than that', async (_what, claims) => {
    const world = await anIssuedWorld()
    const { status, body } = await askerOf(world)(
      '/oauth/token',
      foreign(world.sign(claims), world.identity),
    )
    expect(status).toBe(400)
    expect(body).toEqual({
      error: 'invalid_request',
      error_description: 'The credential was not accepted',
    })
  })

  test('refuses the token for somebody else, and tells of nobody whether it is there', async () => {
    const world = await anIssuedWorld()
    const ask = askerOf(world)
    const other = await world.byOidc({
      ...world.policy,
      subject: 'repo:other/app:ref:refs/heads/main',
    })
    const faces = []
    for (const identity of [other, 'idn_nobody'])
      faces.push(JSON.stringify(await ask('/oauth/token', foreign(world.sign(), identity))))
    expect(new Set(faces).size).toBe(1)
    const client = { ...foreign(world.sign(), world.identity), client_id: other }
    expect(await ask('/oauth/token', client)).toMatchObject({ status: 400 })
  })

  test('cuts what it grants by a scope, and by nothing that is none', async () => {
    const world = await anIssuedWorld()
    const ask = askerOf(world)
    const cut = { ...foreign(world.sign(), world.identity), scope: 'identity:read' }
    expect((await ask('/oauth/token', cut)).body).toMatchObject({ scope: 'identity:read' })
    const habit = 'https://www.googleapis.com/auth/cloud-platform'
    const whole = { ...foreign(world.sign(), world.identity), scope: habit }
    expect((await ask('/oauth/token', whole)).body).toMatchObject({ scope: '*' })
  })

  test('is unavailable where the issuer is down', async () => {
    const world = await anIssuedWorld()
    const token = world.sign()
    await world.issuer.close()
    const answer = await askerOf(world)('/oauth/token', foreign(token, world.identity))
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
  })
})
