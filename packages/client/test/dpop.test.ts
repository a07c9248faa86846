import type { ClientEvent, ClientOptions } from '@countersign/client'
import { createClient, universal } from '@countersign/client'
import { createHandler } from '@countersign/http'
import { anIdentity, testCountersign } from '@countersign/testing'
import { describe, expect, test } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import type { Answered, Asked } from './support/platform.ts'
import { aPlatform } from './support/platform.ts'

const URL_OF_HOST = 'https://countersign.test'

/** The real engine behind `fetch`; what else is asked of its origin is guarded by the token. */
async function aHost(tokenPolicy: object, options: Partial<ClientOptions> = {}, secondsAhead = 0) {
  const countersign = testCountersign({ issuer: URL_OF_HOST })
  const { clientId, clientSecret } = await anIdentity(countersign, { tokenPolicy })
  const handler = createHandler(countersign)
  const asked: Request[] = []
  const time = () => countersign.clock.now()

  async function guarded(request: Request): Promise<Response> {
    const [scheme = '', token = ''] = (request.headers.get('authorization') ?? '').split(' ')
    const dpop = request.headers.get('dpop') ?? ''
    const proof = { dpop, method: request.method, url: request.url }
    try {
      await countersign.authenticate(token, scheme === 'DPoP' ? { proof } : {})
      return new Response(`${await request.text()}, ${scheme}`)
    } catch {
      return new Response('no', { status: 401 })
    }
  }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    asked.push(request.clone())
    const handled = await handler.handle(request, { clientAddress: '192.0.2.7' })
    const response = handled ?? (await guarded(request))
    response.headers.set('date', time().toUTCString())
    return response
  }
  const wallClock = () => new Date(time().getTime() + secondsAhead * 1000)
  const events: ClientEvent[] = []
  const client = createClient({
    url: URL_OF_HOST,
    auth: universal({ clientId, clientSecret }),
    runtime: { ...systemRuntime, now: () => time().getTime(), wallClock, fetch },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const call = async () => {
    const response = await client.fetch(`${URL_OF_HOST}/orders?page=2`, {
      method: 'POST',
      body: 'one',
    })
    return response.ok ? await response.text() : response.status
  }
  return { countersign, client, asked, events, call, advance: countersign.clock.advance }
}

const proofsIn = (asked: readonly Request[]) => asked.map(({ headers }) => headers.has('dpop'))

const claimsOf = (jwt: string | null | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString())

describe('a token that is bound to a key', () => {
  test('comes from a host that asks for it, after one challenge, and is renewed and shown with proofs', async () => {
    const host = await aHost({ ttl: 600, maxTtl: 3600, boundTo: 'dpop' })
    expect(await host.call()).toBe('one, DPoP')
    expect(proofsIn(host.asked)).toEqual([false, true, true])
    // Each proof counts once, and was made for this request and this token.
    expect(await host.call()).toBe('one, DPoP')
    const { jti, iat, ...claims } = claimsOf(host.asked.at(-1)?.headers.get('dpop'))
    expect(claims).toEqual({
      htm: 'POST',
      htu: `${URL_OF_HOST}/orders`,
      ath: expect.stringMatching(/^[\w-]{43}$/),
    })
    host.advance(560)
    await host.call()
    await expect.poll(() => host.events.map(({ type }) => type)).toContain('renewed')
    expect(await host.call()).toBe('one, DPoP')
    await host.client.revoke()
    expect(host.events.map(({ type }) => type)).toEqual(['logged_in', 'renewed', 'revoked'])
  }, 60_000)

  test('comes with the first login where the workload wants it, and is of no use to a thief', async () => {
    const host = await aHost({}, { dpop: true })
    expect(await host.call()).toBe('one, DPoP')
    expect(proofsIn(host.asked)).toEqual([true, true])
    const token = await host.client.token()
    await expect(host.countersign.authenticate(token, {})).rejects.toMatchObject({
      code: 'invalid_token',
    })
  }, 60_000)

  test('is asked for where the credential is right, and tells nobody else anything', async () => {
    const host = await aHost(
      { boundTo: 'dpop' },
      { auth: universal({ clientId: 'idn_no', clientSecret: 'no' }) },
    )
    await expect(host.client.token()).rejects.toMatchObject({ code: 'invalid_credential' })
    expect(proofsIn(host.asked)).toEqual([false])
  }, 60_000)

  test('is not had by a workload that wants none, and no bearer shows a proof', async () => {
    const refused = await aHost({ boundTo: 'dpop' }, { dpop: false })
    await expect(refused.client.token()).rejects.toMatchObject({ code: 'invalid_credential' })
    expect(proofsIn(refused.asked)).toEqual([false])
    const bearer = await aHost({})
    expect(await bearer.call()).toBe('one, Bearer')
    expect(proofsIn(bearer.asked)).toEqual([false, false])
  }, 60_000)

  test.each([-600, 600])(
    'tells the time of the host where the clock is %d s off',
    async (off) => {
      const host = await aHost({ boundTo: 'dpop' }, { dpop: true }, off)
      expect(await host.call()).toBe('one, DPoP')
      expect(proofsIn(host.asked)).toEqual([true, true, true])
    },
    60_000,
  )

  test('goes along with what another library sends, to known origins alone', async () => {
    const host = await aHost({}, { dpop: true })
    const url = `${URL_OF_HOST}/orders`
    const { authorization, dpop = '' } = await host.client.headers({ url, method: 'put' })
    const [scheme, token = ''] = (authorization ?? '').split(' ')
    const proof = { dpop, method: 'PUT', url }
    expect(scheme).toBe('DPoP')
    await expect(host.countersign.authenticate(token, { proof })).resolves.toBeDefined()
    const elsewhere = host.client.headers({ url: 'https://elsewhere.test/' })
    await expect(elsewhere).rejects.toMatchObject({ code: 'invalid_request' })
  }, 60_000)
})

test('says the nonce that an authorization server or a resource wants', async () => {
  const wanting = (nonce: string, { headers }: Asked): Answered | undefined => {
    const isSaid = claimsOf(String(headers['dpop']))['nonce'] === nonce
    return isSaid ? undefined : { status: 401, headers: { 'dpop-nonce': nonce }, body: {} }
  }
  const grant = { accessToken: 't', expiresIn: 600, accessTokenMaxTTL: 3600, tokenType: 'DPoP' }
  let nonce = 'first'
  const { url, asked } = await aPlatform((one) => wanting(nonce, one) ?? { body: grant })
  const auth = universal({ clientId: 'id', clientSecret: 'secret' })
  const client = createClient({ url, auth, dpop: true })
  expect(await client.token()).toBe('t')
  nonce = 'second'
  const response = await client.fetch(`${url}/orders`, { method: 'POST', body: 'one' })
  expect(response.status).toBe(200)
  expect(asked.map(({ path, body }) => [path, path === '/orders' ? body : ''])).toEqual([
    ['/api/v1/auth/universal-auth/login', ''],
    ['/api/v1/auth/universal-auth/login', ''],
    ['/orders', 'one'],
    ['/orders', 'one'],
  ])
}, 60_000)
