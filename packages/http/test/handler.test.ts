import type { ErrorCode } from '@countersign/core'
import { CountersignError } from '@countersign/core'
import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { DETAILS, JWKS, LOGIN, RENEW, REVOKE } from './cases/case.ts'
import { bodyOf, expectContract, toAnswer } from './support/answer.ts'
import { ask, askJson } from './support/ask.ts'
import { aWorkload, HOME } from './support/workload.ts'

/** An engine whose keys cannot be had, for whatever reason. */
async function refusing(error: unknown) {
  const { countersign } = await aWorkload()
  return { ...countersign, jwks: () => Promise.reject(error) }
}

describe('the error contract', () => {
  const table: readonly (readonly [ErrorCode, number, string])[] = [
    ['invalid_request', 400, 'BadRequest'],
    ['invalid_credential', 401, 'Unauthorized'],
    ['invalid_token', 401, 'Unauthorized'],
    ['locked_out', 401, 'Unauthorized'],
    ['rate_limited', 429, 'TooManyRequests'],
    ['permission_denied', 403, 'Forbidden'],
    ['not_found', 404, 'NotFound'],
    ['conflict', 409, 'Conflict'],
    ['unavailable', 503, 'ServiceUnavailable'],
  ]

  test.each(table)('%s is %i %s', async (code, status, error) => {
    const refusal = new CountersignError(code, 'A fixed sentence', {
      reason: 'hidden',
      retryAfter: 7,
    })
    const answer = await ask(createHandler(await refusing(refusal)), JWKS, { method: 'GET' })
    expectContract(answer)
    expect(answer).toMatchObject({ status, headers: { 'retry-after': '7' } })
    expect(bodyOf(answer)).toMatchObject({ message: 'A fixed sentence', error })
    expect(answer.body).not.toContain('hidden')
  })

  test('answer() throws a bug, for the framework to answer', async () => {
    const handler = createHandler(await refusing(new RangeError('bug')))
    await expect(ask(handler, JWKS, { method: 'GET' })).rejects.toThrow(RangeError)
  })

  test('handle() answers a bug with 500, tells the host and nobody else', async () => {
    const heard: unknown[] = []
    const bug = new RangeError('a secret of the host')
    const handler = createHandler(await refusing(bug), { onError: (error) => heard.push(error) })
    const request = new Request(`https://host.example${JWKS}`)
    const answer = await toAnswer(await handler.handle(request, HOME))
    expect(answer.status).toBe(500)
    expectContract(answer)
    expect(answer.body).not.toContain('secret')
    expect(heard).toEqual([bug])
  })

  test('handle() throws where the host has read the body', async () => {
    const { countersign } = await aWorkload()
    const body = JSON.stringify({})
    const request = new Request(`https://host.example${LOGIN}`, { method: 'POST', body })
    await request.text()
    await expect(createHandler(countersign).handle(request, HOME)).rejects.toThrow(TypeError)
  })
})

describe('what is not for the handler', () => {
  test('handle() answers undefined, and leaves the body unread', async () => {
    const { countersign } = await aWorkload()
    const request = new Request('https://host.example/other', { method: 'POST', body: 'mine' })
    expect(await createHandler(countersign).handle(request, HOME)).toBeUndefined()
    expect(await request.text()).toBe('mine')
  })

  test('owns() leaves OPTIONS to the host', async () => {
    const { owns } = createHandler((await aWorkload()).countersign)
    expect([owns('OPTIONS', LOGIN), owns('TRACE', LOGIN), owns('POST', `${LOGIN}?x`)]).toEqual([
      false,
      true,
      true,
    ])
  })
})

describe('under a prefix', () => {
  test('owns() takes every path behind it, and the keys at the root too', async () => {
    const { owns, rootPaths } = createHandler((await aWorkload()).countersign, {
      prefix: '/identity',
    })
    const paths = [LOGIN, RENEW, REVOKE, DETAILS]
    expect(paths.map((path) => owns('POST', `/identity${path}`))).toEqual([true, true, true, true])
    expect(paths.map((path) => owns('POST', path))).toEqual([false, false, false, false])
    expect(rootPaths).toContain(JWKS)
    expect(owns('GET', JWKS) && owns('GET', `/identity${JWKS}`)).toBe(true)
  })

  test('the keys lie behind the path of the issuer, where clients look for them', async () => {
    const { countersign } = await aWorkload()
    const handler = createHandler({ ...countersign, issuer: 'https://id.example.com/identity' })
    expect(handler.rootPaths).toContain(`${JWKS}/identity`)
    expect(await ask(handler, `${JWKS}/identity`, { method: 'GET' })).toMatchObject({ status: 200 })
  })

  test.each(['identity', '/identity/', '/', '//', '/a b', '/a?b'])(
    'createHandler() refuses the prefix %j',
    async (prefix) => {
      const { countersign } = await aWorkload()
      expect(() => createHandler(countersign, { prefix })).toThrow(TypeError)
    },
  )
})

describe('details', () => {
  test('it spends one use of a limited token', async () => {
    const { countersign, login } = await aWorkload({ tokenPolicy: { maxUses: 1 } })
    const handler = createHandler(countersign)
    const headers = { authorization: `Bearer ${(await login()).accessToken}` }
    const statuses = []
    for (let turn = 0; turn < 2; turn += 1)
      statuses.push((await ask(handler, DETAILS, { method: 'GET', headers })).status)
    expect(statuses).toEqual([200, 401])
  })

  test.each(['Bearer', 'Bearer ', 'Bearer  x', 'Bearer x, Bearer y'])(
    'TOK-001 it refuses %j with a challenge',
    async (authorization) => {
      const handler = createHandler((await aWorkload()).countersign)
      const answer = await ask(handler, DETAILS, { method: 'GET', headers: { authorization } })
      expect(answer.status).toBe(401)
      expectContract(answer)
    },
  )
})

describe('renew', () => {
  test('it takes the token of the body where the header shows another', async () => {
    const { countersign, login } = await aWorkload()
    const [inBody, inHeader] = [await login(), await login()]
    await countersign.revoke(inHeader.accessToken, HOME)
    const headers = { authorization: `Bearer ${inHeader.accessToken}` }
    const { accessToken } = inBody
    expect(
      await askJson(createHandler(countersign), RENEW, { accessToken }, { headers }),
    ).toMatchObject({ status: 200 })
  })
})

describe('the source of a request', () => {
  const trusted = { tokenPolicy: { trustedSources: { credential: ['10.0.0.0/8'] } } }

  test.each([
    ['10.1.1.1', 200],
    ['::ffff:10.1.1.1', 200],
    ['192.0.2.1', 401],
    [undefined, 401],
    ['garbage', 401],
  ])('login from %j answers %i', async (address, status) => {
    const workload = await aWorkload(trusted)
    const body = JSON.stringify({
      clientId: workload.clientId,
      clientSecret: workload.clientSecret,
    })
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '10.1.1.1' }
    const request = new Request(`https://host.example${LOGIN}`, { method: 'POST', headers, body })
    const response = await createHandler(workload.countersign).handle(request, { address })
    expect(response?.status).toBe(status)
  })

  test.each([
    ['10.1.1.1', 200],
    ['192.0.2.1', 401],
    [undefined, 401],
  ])('the host decides by clientAddress: %j answers %i', async (clientAddress, status) => {
    const workload = await aWorkload(trusted)
    const { clientId, clientSecret } = workload
    const body = JSON.stringify({ clientId, clientSecret })
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`https://host.example${LOGIN}`, { method: 'POST', headers, body })
    const peer = { address: '10.9.9.9', clientAddress }
    const response = await createHandler(workload.countersign).handle(request, peer)
    expect(response?.status).toBe(status)
  })
})
