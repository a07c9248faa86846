import { aws as awsSource } from '@countersign/client'
import { createHandler } from '@countersign/http'
import { anIdentity, bearerFor } from '@countersign/testing'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, AUDIENCE, HOME, ROLE_ARN } from './support/names.ts'
import { anAws } from './support/world.ts'

/** The handler over a world, and whoever may do everything in it. */
async function served() {
  const world = await anAws({}, { allowUnbound: true })
  const handler = createHandler(world.countersign)
  const admin = await anIdentity(world.countersign, { organization: 'acme', role: 'admin' })
  const { authorization } = await bearerFor(world.countersign, admin)
  const ask = async (method: string, path: string, body?: object, form = false) => {
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const text = form ? new URLSearchParams(body as Record<string, string>) : JSON.stringify(body)
    const request = new Request(`https://id.example.com/api/v1/auth/aws-auth/${path}`, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body !== undefined && { body: String(text) }),
    })
    const response = await handler.handle(request, HOME)
    return { status: response?.status, body: (await response?.json()) as unknown }
  }
  const made = await world.host.identities.create({ organization: 'acme', name: 'by-wire' })
  return { ...world, ask, id: made.identity.id }
}

const SETTINGS = {
  stsEndpoint: 'https://sts.amazonaws.com/',
  allowedPrincipalArns: `${ROLE_ARN}, arn:aws:iam::${ACCOUNT}:role/dev-*`,
  allowedAccountIds: ACCOUNT,
}

describe('aws-auth on the wire of Infisical', () => {
  test('is attached, shown and logged in by, with JSON and with forms', async () => {
    const { ask, id, sign, sts } = await served()
    const attached = await ask('POST', `identities/${id}`, SETTINGS)
    expect(attached).toMatchObject({
      status: 200,
      body: {
        identityAwsAuth: {
          identityId: id,
          stsEndpoint: 'https://sts.amazonaws.com/',
          allowedPrincipalArns: `${ROLE_ARN},arn:aws:iam::${ACCOUNT}:role/dev-*`,
          allowedAccountIds: ACCOUNT,
        },
      },
    })
    // As the SDK for Node sends it, and as that for Rust does: a form, without a host and without an audience.
    const node = toWire(
      id,
      await sign({ audience: undefined, headers: { 'amz-sdk-request': '1' } }),
    )
    expect(await ask('POST', 'login', node)).toMatchObject({
      status: 200,
      body: { tokenType: 'Bearer', accessToken: expect.any(String) },
    })
    const rust = toWire(id, await sign({ audience: undefined, after: { host: undefined } }))
    expect(await ask('POST', 'login', rust, true)).toMatchObject({ status: 200 })
    expect(sts.asked()).toEqual(['POST /', 'POST /'])
  })

  test('takes a method that was left out, and a presigned URL', async () => {
    const { ask, id, sign, presigned } = await served()
    await ask('POST', `identities/${id}`, SETTINGS)
    const { iamHttpRequestMethod: _method, ...rest } = toWire(id, await sign())
    expect(await ask('POST', 'login', rest)).toMatchObject({ status: 200 })
    const { presignedUrl } = await presigned()
    const login = { identityId: id, awsPresignedUrl: presignedUrl }
    expect(await ask('POST', 'login', login)).toMatchObject({ status: 200 })
    expect(await ask('POST', 'login', login)).toMatchObject({ status: 401 })
    expect(await ask('POST', 'login', { identityId: id })).toMatchObject({ status: 400 })
    expect(await ask('POST', 'login', { ...login, ...rest })).toMatchObject({ status: 400 })
  })

  test("lets in what our own client posts, at this host's route", async () => {
    const { ask, id, keys, clock } = await served()
    await ask('POST', `identities/${id}`, SETTINGS)
    const credentials = async () => keys
    const source = awsSource({ identity: id, credentials, region: 'eu-west-1' })
    const runtime = { wallClock: clock.now }
    const context = { runtime, audience: AUDIENCE, signal: new AbortController().signal }
    const { slug, fields } = await source.read(context as never)
    expect(slug).toBe('aws-auth')
    expect(await ask('POST', 'login', fields)).toMatchObject({ status: 200 })
    const foreign = await source.read({ ...context, audience: 'https://other.example' } as never)
    expect(await ask('POST', 'login', foreign.fields)).toMatchObject({ status: 401 })
  })

  test('refuses settings that let everybody in, or that ask another STS', async () => {
    const { ask, id } = await served()
    for (const change of [
      { allowedPrincipalArns: '', allowedAccountIds: '' },
      { stsEndpoint: 'https://sts.evil.net/' },
      { allowedAccountIds: '*' },
      { allowedPrincipalArns: `arn:aws:sts::${ACCOUNT}:assumed-role/app/prod` },
    ])
      expect(await ask('POST', `identities/${id}`, { ...SETTINGS, ...change })).toMatchObject({
        status: 400,
      })
  })

  test('answers what STS could not tell with 503, and what it refuses with 401', async () => {
    const { ask, id, sign, sts } = await served()
    await ask('POST', `identities/${id}`, SETTINGS)
    sts.answer('Throttling')
    expect(await ask('POST', 'login', toWire(id, await sign()))).toMatchObject({ status: 503 })
    sts.answer('SignatureDoesNotMatch')
    expect(await ask('POST', 'login', toWire(id, await sign()))).toMatchObject({ status: 401 })
  })
})

function toWire(
  identityId: string,
  {
    method,
    body,
    headers,
  }: { readonly method: string; readonly body: string; readonly headers: string },
) {
  return {
    identityId,
    iamHttpRequestMethod: method,
    iamRequestBody: body,
    iamRequestHeaders: headers,
  }
}
