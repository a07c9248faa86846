import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, HOME } from './support/names.ts'
import type { TokenGiven } from './support/sign.ts'
import { BODY, signToken, tokenOf, toToken } from './support/sign.ts'
import { anAws, refusalOf } from './support/world.ts'

// A signed request as a subject token (RFC 8693), in the form of Google's workload identity federation.

const TYPE = 'urn:ietf:params:aws:token-type:aws4_request'
const TARGET = 'x-goog-cloud-target-resource'
const VERSION = 'Version=2011-06-15'

async function aWorld(options: Parameters<typeof anAws>[1] = {}) {
  const world = await anAws({}, options)
  const signed = (given: TokenGiven = {}) =>
    signToken(world.keys, { now: world.clock.now(), target: AUDIENCE, ...given })
  return { ...world, signed }
}

/** A token as it was signed, read again. */
function read({ callerIdentityToken }: { readonly callerIdentityToken: string }) {
  const { url, method, headers } = JSON.parse(decodeURIComponent(callerIdentityToken)) as {
    readonly url: string
    readonly method: string
    readonly headers: readonly { readonly key: string; readonly value: string }[]
  }
  return { url, method, headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])) }
}

describe('a signed request in one text', () => {
  test('logs in with a signed target, and once', async () => {
    const { logIn, signed, sts } = await aWorld()
    const token = await signed()
    await expect(logIn(token)).resolves.toBeDefined()
    expect(sts.asked()).toEqual([`POST /?${BODY}`])
    expect(sts.received()[0]).toMatchObject({ body: '', headers: { [TARGET]: AUDIENCE } })
    const again = await refusalOf(logIn(token))
    expect(again).toMatchObject({ code: 'invalid_credential', reason: 'evidence_replayed' })
  })

  test('logs in beside a POST with a body, which is another request', async () => {
    const { logIn, signed, sign } = await aWorld()
    await expect(logIn(await signed())).resolves.toBeDefined()
    await expect(logIn(await sign())).resolves.toBeDefined()
  })

  test.each([
    ['nothing', undefined],
    ['the identity', 'identity'],
    ['the identity and its method', 'method'],
    ['the audience', AUDIENCE],
  ])('that names %s, unsigned, is let in where that is allowed, and noted', async (_name, said) => {
    const strict = await aWorld()
    const open = await aWorld({ allowUnbound: true })
    const claimedOf = (identity: string): Partial<TokenGiven> => {
      const claimed = { identity, method: `${identity}/aws` }[said ?? ''] ?? said
      return { target: undefined as never, ...(claimed !== undefined && { claimed }) }
    }
    const refused = await strict.signed(claimedOf(strict.identity))
    expect(await refusalOf(strict.logIn(refused))).toMatchObject({ reason: 'audience_not_signed' })
    expect(strict.sts.asked()).toEqual([])
    await expect(open.logIn(await open.signed(claimedOf(open.identity)))).resolves.toBeDefined()
    const events = JSON.stringify(await open.events())
    expect(events).toContain('audience_not_signed')
    const { headers } = open.sts.received()[0] ?? { headers: {} }
    expect(headers).not.toHaveProperty(TARGET)
  })

  test.each([
    ['signed', { target: 'https://other.example' }],
    ['signed, the identity', { target: 'idn_other' }],
    ['unsigned', { target: undefined as never, claimed: 'idn_other' }],
    ['unsigned, another method', { target: undefined as never, claimed: 'method' }],
  ])('for somebody else (%s) is refused', async (_name, given) => {
    const { logIn, signed, identity, sts } = await aWorld({ allowUnbound: true })
    const claimed = 'claimed' in given && given.claimed === 'method' && `${identity}/jwt`
    const error = await refusalOf(logIn(await signed({ ...given, ...(claimed && { claimed }) })))
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_audience' })
    expect(sts.asked()).toEqual([])
  })

  test.each([
    [TARGET, 'https://other.example', 'wrong_audience'],
    ['host', 'sts.us-east-1.amazonaws.com', 'wrong_host'],
    ['x-amz-date', '20260301T120001Z', 'sts_refused'],
    ['x-amz-security-token', 'another', 'sts_refused'],
    ['x-amz-target', 'another', 'header_not_allowed'],
    ['accept', 'application/json', 'header_not_allowed'],
    ['content-length', '1', 'wrong_content'],
    ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD', 'header_not_signed'],
  ])('whose %s was altered is refused', async (name, value, reason) => {
    const { logIn, signed } = await aWorld()
    const error = await refusalOf(logIn(await signed({ after: { [name]: value } })))
    expect(error).toMatchObject({ code: 'invalid_credential', reason })
  })

  test.each([
    [`https://sts.eu-west-1.amazonaws.com/?Action=GetSessionToken&${VERSION}`, 'wrong_action'],
    [`https://sts.eu-west-1.amazonaws.com/?${BODY}&Action=GetSessionToken`, 'wrong_action'],
    [`https://sts.eu-west-1.amazonaws.com/?${BODY}#x`, 'wrong_action'],
    [`https://sts.eu-west-2.amazonaws.com/?${BODY}`, 'wrong_host'],
    [`https://evil.net/?${BODY}`, 'wrong_host'],
  ])('for %s is refused', async (url, reason) => {
    const { logIn, signed } = await aWorld()
    const error = await refusalOf(logIn(toToken({ ...read(await signed()), url })))
    expect(error).toMatchObject({ code: 'invalid_credential', reason })
  })

  test('is the same request whatever the order of its query, as its signature is', async () => {
    const { logIn, signed } = await aWorld()
    const { url, ...rest } = read(await signed())
    const swapped = url.replace(BODY, `${VERSION}&Action=GetCallerIdentity`)
    await expect(logIn(toToken({ url: swapped, ...rest }))).resolves.toBeDefined()
    const again = await refusalOf(logIn(toToken({ url, ...rest })))
    expect(again.reason).toBe('evidence_replayed')
  })

  test('for a host that is none of STS is refused, signed or not', async () => {
    const { logIn, signed, sts } = await aWorld()
    const error = await refusalOf(logIn(await signed({ host: 'evil.net' })))
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_host' })
    expect(sts.asked()).toEqual([])
  })

  test('that is none is a request that must be repaired', async () => {
    const { logIn, signed, sts } = await aWorld()
    const { url, method, headers } = read(await signed())
    const list = Object.entries(headers).map(([key, value]) => ({ key, value }))
    const twice = [...list, { key: 'Host', value: headers['host'] }]
    const json = JSON.stringify({ url, method, headers: list })
    for (const wrong of [
      { callerIdentityToken: '' },
      { callerIdentityToken: '%' },
      { callerIdentityToken: 'a.b.c' },
      { callerIdentityToken: 'x'.repeat(16_385) },
      { ...tokenOf(json), presignedUrl: url },
      tokenOf('null'),
      tokenOf('[]'),
      tokenOf(json.slice(1)),
      tokenOf(json.replace('{', '{"method":"POST",')),
      tokenOf(JSON.stringify({ url, method: 'GET', headers: list })),
      tokenOf(JSON.stringify({ url, method, headers })),
      tokenOf(JSON.stringify({ url, method, headers: twice })),
      tokenOf(JSON.stringify({ url, method, headers: list, body: BODY })),
      tokenOf(JSON.stringify({ url, method, headers: [...list, { key: 'x-a', value: 1 }] })),
      tokenOf(JSON.stringify({ url, method, headers: [...list, { key: 'x-a', value: 'a\nb' }] })),
      tokenOf(JSON.stringify({ url: url.replace('https', 'http'), method, headers: list })),
      tokenOf(JSON.stringify({ url: url.replace('//', '//a@'), method, headers: list })),
    ])
      expect(await refusalOf(logIn(wrong)), JSON.stringify(wrong).slice(0, 200)).toMatchObject({
        code: 'invalid_request',
      })
    expect(sts.asked()).toEqual([])
    await expect(logIn(tokenOf(json))).resolves.toBeDefined()
  })
})

/** Exchanges whatever text at the token endpoint. */
async function exchanged() {
  const world = await aWorld()
  const handler = createHandler(world.countersign)
  const ask = async (subject_token: string, fields: Readonly<Record<string, string>> = {}) => {
    const request = new Request('https://id.example.com/oauth/token', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        audience: world.identity,
        subject_token_type: TYPE,
        subject_token,
        ...fields,
      }),
    })
    const answer = await handler.handle(request, HOME)
    const body = (await answer?.json()) as Readonly<Record<string, unknown>>
    return { status: answer?.status, body }
  }
  return { ...world, ask }
}

describe('the token endpoint, for aws4_request', () => {
  test('exchanges it for a token of ours, once', async () => {
    const { ask, signed, countersign, identity } = await exchanged()
    const { callerIdentityToken } = await signed()
    const { status, body } = await ask(callerIdentityToken)
    expect({ status, ...body }).toMatchObject({
      status: 200,
      token_type: 'Bearer',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    const principal = await countersign.authenticate(String(body['access_token']), HOME)
    expect(principal.identity).toBe(identity)
    expect(await ask(callerIdentityToken)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'The credential was not accepted' },
    })
  })

  test('refuses what is altered, unbound, malformed or too long, each with a sentence', async () => {
    const { ask, signed, sts } = await exchanged()
    const textOf = async (given: TokenGiven) => (await signed(given)).callerIdentityToken
    const unbound = { target: undefined as never }
    for (const [text, sentence] of [
      [await textOf({ after: { 'x-amz-date': '20260301T120001Z' } }), 'was not accepted'],
      [await textOf(unbound), 'was not accepted'],
      [await textOf({ after: { [TARGET]: 'https://other.example' } }), 'was not accepted'],
      [encodeURIComponent('{"url":'), 'has not the form that its method takes'],
      ['%', 'has not the form that its method takes'],
      ['x'.repeat(8193), 'at most 8192 characters'],
    ] as const) {
      const { status, body } = await ask(text)
      expect(status).toBe(400)
      expect(body['error']).toBe('invalid_request')
      expect(body['error_description']).toContain(sentence)
    }
    expect(sts.asked()).toHaveLength(1)
  })

  test('takes no other type for it, nor this type where no method has it', async () => {
    const { ask, signed, identity } = await exchanged()
    const { callerIdentityToken: token } = await signed()
    const jwt = 'urn:ietf:params:oauth:token-type:jwt'
    const asJwt = await ask(token, { subject_token_type: jwt })
    expect(asJwt).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(asJwt.body['error_description']).toContain('No auth method here takes such')
    const bearer = {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: identity,
    }
    expect(await ask('', { ...bearer, assertion: token })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'No auth method here takes assertions' },
    })
    const other = await ask(token, { subject_token_type: `${TYPE}s` })
    expect(other.body['error_description']).toContain('subject_token_type must be')
    expect(await ask(token)).toMatchObject({ status: 200 })
  })
})
