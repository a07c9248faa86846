import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { askJson } from '../support/ask.ts'
import { ACCESS_TOKEN, API, anOAuth, basicOf, EXCHANGE, tokenIn } from '../support/oauth.ts'
import { HOME, withHook } from '../support/workload.ts'

const WRONG = 'cst_cs_wr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0n'
const grant_type = 'client_credentials'
const percent = (text: string) =>
  [...text].map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')

describe('client_credentials', () => {
  test('takes an id and a secret in every way that clients write them', async () => {
    const { post, clientId, clientSecret, countersign, handler } = await anOAuth()
    const shown = [
      { authorization: basicOf(clientId, clientSecret) },
      { authorization: basicOf(percent(clientId), percent(clientSecret)) },
      { authorization: basicOf(clientId, clientSecret).replace('Basic', 'basic') },
      { fields: { client_id: clientId, client_secret: clientSecret } },
      { authorization: basicOf(clientId, clientSecret), fields: { client_id: clientId } },
      // Fields without a value count as left out, and unknown ones are ignored.
      {
        authorization: basicOf(clientId, clientSecret),
        fields: { client_secret: '', scope: '', resource: '', nonsense: 'x' },
      },
    ]
    for (const { authorization, fields } of shown) {
      const answer = await post('/oauth/token', {
        authorization,
        fields: { grant_type, ...fields },
      })
      expect(answer.status).toBe(200)
      expect(bodyOf(answer)).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 7200,
      })
      const principal = await countersign.authenticate(tokenIn(answer), HOME)
      expect(principal.identity).toBe(clientId)
    }
    const json = { grant_type, client_id: clientId, client_secret: clientSecret }
    expect((await askJson(handler, '/oauth/token', json)).status).toBe(200)
  })

  test('tells a wrong secret in words, with a challenge, and then that it is locked out', async () => {
    const { post, clientId, basic } = await anOAuth()
    for (const id of [clientId, clientId, clientId]) {
      const answer = await post('/oauth/token', {
        authorization: basicOf(id, WRONG),
        fields: { grant_type },
      })
      expect(answer.status).toBe(401)
      expect(bodyOf(answer)).toEqual({
        error: 'invalid_client',
        error_description: 'The credential was not accepted',
      })
    }
    const locked = await post('/oauth/token', { authorization: basic, fields: { grant_type } })
    expect(bodyOf(locked)).toMatchObject({ error: 'invalid_client' })
    expect(locked.headers['retry-after']).toMatch(/^\d+$/)
  })

  test.each([
    ['no client at all', {}, undefined, 401, 'invalid_client'],
    ['an id without a secret', { client_id: 'idn_x' }, undefined, 401, 'invalid_client'],
    ['a secret without an id', { client_secret: WRONG }, undefined, 401, 'invalid_client'],
    ['Basic that is no base64', {}, 'Basic ***', 401, 'invalid_client'],
    ['Basic without a colon', {}, 'Basic YQ==', 401, 'invalid_client'],
    ['Basic that is no text', {}, 'Basic /zr/', 401, 'invalid_client'],
    ['Basic twice', {}, 'Basic YTpi, Basic YTpi', 401, 'invalid_client'],
    ['an empty secret', {}, basicOf('idn_x', ''), 401, 'invalid_client'],
    ['an id that is too long', {}, basicOf('x'.repeat(300), 'y'), 401, 'invalid_client'],
    ['a secret that is too long', {}, basicOf('x', 'y'.repeat(600)), 401, 'invalid_client'],
    ['two ways at once', { client_secret: 'x' }, basicOf('x', 'y'), 400, 'invalid_request'],
    ['two names at once', { client_id: 'idn_y' }, basicOf('x', 'y'), 400, 'invalid_request'],
    [
      'an assertion of a type that is none',
      { client_assertion: 'a.b.c' },
      undefined,
      400,
      'invalid_request',
    ],
  ])('refuses %s', async (...[, fields, authorization, status, error]) => {
    const { post } = await anOAuth()
    const answer = await post('/oauth/token', { authorization, fields: { grant_type, ...fields } })
    expect({ status: answer.status, ...bodyOf(answer) }).toMatchObject({ status, error })
  })

  test.each([
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'toString' }, 'unsupported_grant_type'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ scope: 'secret:fly' }, 'invalid_scope'],
    [{ scope: 'secret' }, 'invalid_scope'],
    [{ resource: API }, 'invalid_target'],
    [{ resource: 'api' }, 'invalid_target'],
    [{ resource: `${API}/#x` }, 'invalid_target'],
  ])('refuses %j', async (fields, error) => {
    const { token } = await anOAuth()
    const answer = await token(fields)
    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ error })
  })

  test('points client_secret_jwt to private_key_jwt, and says where no assertion is taken', async () => {
    const { post, clientId } = await anOAuth()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const assertion = (alg: string) => `${part({ alg })}.${part({ sub: clientId })}.AAAA`
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const ask = async (alg: string, client_id = clientId) => {
      const client_assertion = assertion(alg)
      const fields = { grant_type, client_id, client_assertion, client_assertion_type }
      const answer = await post('/oauth/token', { fields })
      expect(answer.status).toBe(401)
      return bodyOf(answer)['error_description']
    }
    expect(await ask('HS256')).toContain('use private_key_jwt')
    expect(await ask('ES256')).toBe('client_assertion is no way to authenticate here')
    expect(await ask('ES256', 'idn_other')).toContain('client_id must be the subject')
  })

  test('cuts a token by its scope, tells it, and ignores what means nothing here', async () => {
    const { token, countersign } = await anOAuth()
    const cut = await token({ scope: 'secret:read openid' })
    expect(bodyOf(cut)['scope']).toBe('secret:read')
    const principal = await countersign.authenticate(tokenIn(cut), HOME)
    const said = { project: 'web', environment: 'prod', path: '/a' }
    const can = principal.can as (permission: string, said: object) => boolean
    expect(can.call(principal, 'secret:read', said)).toBe(true)
    expect(can.call(principal, 'secret:write', said)).toBe(false)
    const whole = await token({ scope: 'openid https://www.googleapis.com/auth/cloud-platform' })
    expect(bodyOf(whole)['scope']).toBe('*')
  })

  test('grants a token for a service that the auth method names, and the issuer by name', async () => {
    const { token, countersign } = await anOAuth({ tokenPolicy: { audiences: [API] } })
    const answer = await token({ resource: API })
    const payload = tokenIn(answer).split('.')[1] ?? ''
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: API })
    const refused = await countersign.tryAuthenticate(tokenIn(answer), HOME)
    expect(refused).toMatchObject({ code: 'invalid_token' })
    expect((await token({ resource: 'https://id.example.com' })).status).toBe(200)
  })

  test('is unavailable where nothing can be asked, and says so in the words of OAuth', async () => {
    let isDown = false
    const { token } = await anOAuth({
      around: (storage) =>
        withHook(storage, (verb) => {
          if (isDown && verb === 'logins.find') throw new Error('down')
        }),
    })
    isDown = true
    const answer = await token()
    expect(answer.status).toBe(503)
    expect(bodyOf(answer)).toMatchObject({ error: 'temporarily_unavailable' })
    expect(answer.headers['retry-after']).toBe('1')
  })

  test('refuses other methods, other types, names twice and secrets in the query', async () => {
    const { handler, post, clientSecret } = await anOAuth()
    const json = await askJson(handler, '/oauth/token', {}, { method: 'PUT' })
    expect({ status: json.status, ...bodyOf(json) }).toMatchObject({
      status: 405,
      error: 'invalid_request',
    })
    expect(json.headers['allow']).toBe('POST')
    const plain = await askJson(
      handler,
      '/oauth/token',
      {},
      { headers: { 'content-type': 'text/plain' } },
    )
    expect(plain.status).toBe(415)
    const query = await post(`/oauth/token?client_secret=${clientSecret}`, {
      fields: { grant_type },
    })
    expect(query.status).toBe(400)
    expect(query.body).not.toContain(clientSecret)
    const wrongType = await askJson(handler, '/oauth/token', { grant_type: 7 })
    expect(bodyOf(wrongType)).toMatchObject({ error: 'invalid_request' })
  })
})

describe('token exchange', () => {
  const down = (subject_token: string, fields = {}) => ({
    grant_type: EXCHANGE,
    subject_token,
    subject_token_type: ACCESS_TOKEN,
    ...fields,
  })

  test('cuts a token of ours with or without its client, and never widens it', async () => {
    const { token, post, basic, clientId } = await anOAuth()
    const whole = tokenIn(await token())
    for (const client of [{ authorization: basic }, {}, { id: { client_id: clientId } }]) {
      const { authorization, id = {} } = client as { authorization?: string; id?: object }
      const fields = down(whole, { scope: 'secret:read', ...id })
      const cut = await post('/oauth/token', { authorization, fields })
      expect(bodyOf(cut)).toMatchObject({
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        scope: 'secret:read',
      })
      const again = await post('/oauth/token', { fields: down(tokenIn(cut)) })
      expect(bodyOf(again)).toMatchObject({ scope: 'secret:read' })
      const wider = await post('/oauth/token', { fields: down(tokenIn(cut), { scope: '*' }) })
      expect(bodyOf(wider)).toMatchObject({ error: 'invalid_scope' })
    }
  })

  test('narrows to a service, named by resource or by audience', async () => {
    const { token, post } = await anOAuth({ tokenPolicy: { audiences: [API] } })
    const whole = tokenIn(await token())
    for (const fields of [{ resource: API }, { audience: API }, { resource: API, audience: API }])
      expect((await post('/oauth/token', { fields: down(whole, fields) })).status).toBe(200)
    const two = { resource: API, audience: 'https://other.example.com' }
    const refused = await post('/oauth/token', { fields: down(whole, two) })
    expect(bodyOf(refused)).toMatchObject({ error: 'invalid_target' })
    const elsewhere = tokenIn(
      await post('/oauth/token', { fields: down(whole, { resource: API }) }),
    )
    const back = await post('/oauth/token', { fields: down(elsewhere) })
    expect({ status: back.status, ...bodyOf(back) }).toMatchObject({
      status: 400,
      error: 'invalid_request',
    })
  })

  test.each([
    [{ subject_token: '' }, 'subject_token is required'],
    [{ subject_token_type: '' }, 'subject_token_type is required'],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'subject_token_type must'],
    [{ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'requested_token'],
    [{ actor_token: 'x' }, 'actor_token is not supported'],
    [{ subject_token: 'a.b.c' }, 'The access token is not valid'],
    [{ client_id: 'idn_other' }, 'somebody else'],
    [
      { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', audience: 'idn_x' },
      'No auth method',
    ],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, 'audience must name'],
  ])('refuses %j', async (fields, sentence) => {
    const { token, post } = await anOAuth()
    const answer = await post('/oauth/token', { fields: down(tokenIn(await token()), fields) })
    expect(answer.status).toBe(400)
    expect(bodyOf(answer)).toMatchObject({ error: 'invalid_request' })
    expect(bodyOf(answer)['error_description']).toContain(sentence)
  })

  test('refuses a client that does not prove to be one, whatever the token', async () => {
    const { token, post, clientId } = await anOAuth()
    const fields = down(tokenIn(await token()))
    const answer = await post('/oauth/token', { authorization: basicOf(clientId, WRONG), fields })
    expect({ status: answer.status, ...bodyOf(answer) }).toMatchObject({
      status: 401,
      error: 'invalid_client',
    })
  })
})

describe('jwt-bearer', () => {
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }
  test.each([
    [{}, 'invalid_request'],
    [{ assertion: 'a.b.c' }, 'invalid_grant'],
    [{ assertion: 'a.b.c', client_id: 'idn_x' }, 'invalid_grant'],
  ])('refuses %j where nothing takes it', async (fields, error) => {
    const { post } = await anOAuth()
    const answer = await post('/oauth/token', { fields: { ...grant, ...fields } })
    expect({ status: answer.status, ...bodyOf(answer) }).toMatchObject({ status: 400, error })
  })
})
