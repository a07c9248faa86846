import type { ClientEvent } from '@countersign/client'
import { createClient, isClientError, staticToken, universal } from '@countersign/client'
import { describe, expect, test } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import type { Answered, Asked } from './support/platform.ts'
import { aPlatform } from './support/platform.ts'

const auth = universal({ clientId: 'id', clientSecret: 'secret-that-nobody-sees' })

/** A host that grants numbered tokens, and whatever a test answers for the rest. */
async function aHost(answer: (asked: Asked) => Answered | undefined = () => undefined) {
  let granted = 0
  const host = await aPlatform((asked) => {
    const own = answer(asked)
    if (own !== undefined) return own
    if (!asked.path.endsWith('/login')) return { body: { message: 'Successfully revoked' } }
    granted += 1
    const body = { accessToken: `t${granted}`, expiresIn: 600, accessTokenMaxTTL: 3600 }
    return { body: { ...body, tokenType: 'Bearer' } }
  })
  const events: ClientEvent[] = []
  const onEvent = (event: ClientEvent) => events.push(event)
  return { ...host, events, client: createClient({ url: host.url, auth, onEvent }) }
}

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isClientError(error)) throw new Error('No failure of a client', { cause: error })
  return error
}

describe('client.token()', () => {
  const table: readonly [string, Answered, object][] = [
    ['a wrong secret', { status: 401, body: { message: 'No' } }, { code: 'invalid_credential' }],
    [
      'a lockout',
      { status: 401, headers: { 'retry-after': '300' }, body: {} },
      { code: 'locked_out', retryAfter: 300 },
    ],
    ['a wrong address', { body: '<html>' }, { code: 'invalid_request', status: 200 }],
    ['a route that is not there', { status: 404, body: {} }, { code: 'invalid_request' }],
    [
      'a lifetime of nothing',
      { body: { accessToken: 't', expiresIn: 0, accessTokenMaxTTL: 0 } },
      { code: 'invalid_request' },
    ],
    [
      'a host that asks for an hour',
      { status: 503, headers: { 'retry-after': '3600' } },
      { code: 'unreachable', retryAfter: 3600 },
    ],
  ]
  test.each(table)('tells of %s', async (_what, answer, expected) => {
    const { client, asked } = await aHost(() => answer)
    const error = await failureOf(client.token())
    expect(error).toMatchObject(expected)
    expect(String(error)).not.toContain('secret-that-nobody-sees')
    // Until it may hope for more, it does not ask again.
    expect(await failureOf(client.token())).toBe(error)
    expect(asked).toHaveLength(1)
  })

  test('many callers are one login, and one that gives up stops nobody else', async () => {
    const { client, asked } = await aHost()
    const gaveUp = new AbortController()
    const one = failureOf(client.token(gaveUp.signal))
    const others = Array.from({ length: 50 }, () => client.token())
    gaveUp.abort()
    expect(await one).toMatchObject({ code: 'aborted' })
    expect(new Set(await Promise.all(others))).toEqual(new Set(['t1']))
    expect(asked).toHaveLength(1)
  })

  test('whoever hears of a token gets it already', async () => {
    const { url } = await aHost((asked) => {
      const body = { expiresIn: 600, accessTokenMaxTTL: 3600, tokenType: 'Bearer' }
      return asked.path.endsWith('/renew')
        ? { body: { ...body, accessToken: 'renewed' } }
        : undefined
    })
    let now = 0
    const heard: Promise<string>[] = []
    let tell = (): void => undefined
    const renewal = new Promise<void>((resolve) => {
      tell = resolve
    })
    const client = createClient({
      url,
      auth,
      runtime: { ...systemRuntime, now: () => now },
      onEvent({ type }) {
        heard.push(client.token())
        if (type === 'renewed') tell()
      },
    })
    expect(await client.token()).toBe('t1')
    // Old enough to be renewed, and young enough to be given out meanwhile.
    now = 545_000
    expect(await client.token()).toBe('t1')
    await renewal
    expect(await Promise.all(heard)).toEqual(['t1', 'renewed'])
  }, 30_000)

  test('does not follow a redirect with a credential', async () => {
    const elsewhere = await aPlatform(() => ({}))
    const headers = { location: elsewhere.url }
    const { url } = await aPlatform(() => ({ status: 307, headers }))
    const client = createClient({ url, auth, patience: { attempts: 1 } })
    expect(await failureOf(client.token())).toMatchObject({ code: 'unreachable' })
    expect(elsewhere.asked).toEqual([])
  })
})

describe('client.fetch()', () => {
  test('adds the token, and logs in once more after a 401', async () => {
    const { client, url, asked } = await aHost(({ path, headers }) => {
      if (path !== '/orders') return undefined
      return headers['authorization'] === 'Bearer t1' ? { status: 401 } : { body: 'done' }
    })
    const response = await client.fetch(`${url}/orders`, { method: 'POST', body: 'one' })
    expect(await response.text()).toBe('done')
    const orders = asked.filter(({ path }) => path === '/orders')
    expect(orders.map(({ body, headers }) => [body, headers['authorization']])).toEqual([
      ['one', 'Bearer t1'],
      ['one', 'Bearer t2'],
    ])
  })

  test('gives a second 401 to the caller', async () => {
    const { client, url, asked } = await aHost(({ path }) =>
      path === '/orders' ? { status: 401 } : undefined,
    )
    expect((await client.fetch(`${url}/orders`)).status).toBe(401)
    expect(asked.filter(({ path }) => path === '/orders')).toHaveLength(2)
  })

  test('carries the token to no stranger', async () => {
    const { client, asked } = await aHost()
    const stranger = await aPlatform(() => ({ body: 'thanks' }))
    expect(await failureOf(client.fetch(stranger.url))).toMatchObject({ code: 'invalid_request' })
    expect([asked, stranger.asked]).toEqual([[], []])
    const known = createClient({ url: (await aHost()).url, auth, origins: [stranger.url] })
    expect(await (await known.fetch(stranger.url)).text()).toBe('thanks')
  })

  test('reads a static token anew where it was refused', async () => {
    const tokens = ['old', 'new']
    const { url } = await aPlatform(({ headers }) => ({
      status: headers['authorization'] === 'Bearer new' ? 200 : 401,
    }))
    const client = createClient({ url, auth: staticToken(() => tokens.shift() ?? '') })
    expect((await client.fetch(url)).status).toBe(200)
  })
})

describe('createClient()', () => {
  test('ends its login at the end of its scope', async () => {
    const { url, asked, events } = await aHost()
    {
      const onEvent = (event: ClientEvent) => events.push(event)
      await using client = createClient({ url, auth, onEvent })
      await client.token()
    }
    expect(asked.map(({ path }) => path)).toEqual([
      '/api/v1/auth/universal-auth/login',
      '/api/v1/auth/token/revoke',
    ])
    expect(events.map(({ type }) => type)).toEqual(['logged_in', 'revoked'])
    expect(JSON.stringify(events)).not.toContain('t1')
  })

  test.each(['nowhere', 'ftp://host', 'https://user:pw@host', 'https://host?x=1'])(
    'refuses the address %s',
    (url) => {
      expect(() => createClient({ url, auth })).toThrow(/URL/)
    },
  )
})
