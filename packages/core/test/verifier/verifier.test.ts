import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { minutes } from '../../src/lib/time.ts'
import { createVerifierWith } from '../../src/runtime.ts'
import type { JsonWebKey } from '../../src/verifier.ts'
import { anEngine, ISSUER } from '../support/engine.ts'
import type { LoggedIn } from '../support/workload.ts'
import { loggedIn } from '../support/workload.ts'
import type { KeyServer } from './support.ts'
import { aKeyServer } from './support.ts'

interface Elsewhere extends LoggedIn {
  readonly server: KeyServer
  verify(token?: string): Promise<unknown>
}

/** A workload that has logged in, and another service that reads its keys over the network. */
async function elsewhere(): Promise<Elsewhere> {
  const workload = await loggedIn({ tokenPolicy: { ttl: minutes(50) } })
  const server = await aKeyServer(() => workload.countersign.jwks())
  const jwks = `${server.url}/keys`
  const runtime = { ...workload.runtime, fetch: globalThis.fetch }
  const { verify } = createVerifierWith(runtime, { issuer: ISSUER, audience: ISSUER, jwks })
  return { ...workload, server, verify: (token = workload.accessToken) => verify(token) }
}

const invalid = (reason: string) => ({ code: 'invalid_token', reason })

describe('verify()', () => {
  test('answers what a good token says', async () => {
    const { verify, identity, grant } = await elsewhere()
    expect(await verify()).toMatchObject({
      identity: identity.id,
      organization: identity.organization,
      method: 'universal',
      session: grant.session,
      expiresAt: grant.expiresAt,
    })
  })

  test('refuses a token at the very instant it expires', async () => {
    const { verify, clock } = await elsewhere()
    clock.advance(minutes(50) - 1)
    await verify()
    clock.advance(1)
    await assert.rejects(verify(), invalid('token_expired'))
  })

  test('reads the keys once for any number of tokens, and again after five minutes', async () => {
    const { verify, server, clock, renew } = await elsewhere()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => renew()))
    await Promise.all(tokens.map(({ accessToken }) => verify(accessToken)))
    expect(server.asked).toEqual(['/keys'])
    clock.advance(minutes(5))
    await verify()
    expect(server.asked).toHaveLength(2)
  })

  test('learns of a new key by its first token, and asks for unknown ones twice a minute at most', async () => {
    const { verify, server, clock, countersign, login } = await elsewhere()
    await verify()
    await countersign.asHost('test').signingKeys.rotate({ lead: 0 })
    const { accessToken } = await login()
    await assert.rejects(verify(accessToken), invalid('unknown_key'))
    clock.advance(30)
    await verify(accessToken)
    const stranger = await loggedIn({ engine: anEngine() })
    for (let round = 0; round < 50; round += 1)
      await assert.rejects(verify(stranger.accessToken), invalid('unknown_key'))
    expect(server.asked).toHaveLength(2)
  })

  test('serves known keys for a day while their issuer is away, and is unavailable after it', async () => {
    const { verify, server, clock, login } = await elsewhere()
    await verify()
    server.answer((_request, response) => response.writeHead(500).end())
    clock.advance(minutes(10))
    await verify()
    clock.advance(minutes(60) * 24)
    const { accessToken } = await login()
    await assert.rejects(verify(accessToken), { code: 'unavailable' })
  })

  test.each([
    ['an error', (write: (body: string) => void) => write('')],
    ['no JSON', (write: (body: string) => void) => write('<html>')],
    ['no key set', (write: (body: string) => void) => write('{"keys":"none"}')],
    [
      'a set without end',
      (write: (body: string) => void) => write(`{"keys":[]${' '.repeat(300_000)}}`),
    ],
    [
      'a hundred and one keys',
      (write: (body: string) => void) => write(JSON.stringify({ keys: Array(101).fill({}) })),
    ],
  ])('is unavailable, and no 401, where the first answer is %s', async (_what, respond) => {
    const { verify, server } = await elsewhere()
    server.answer((_request, response) => respond((body) => response.end(body)))
    await assert.rejects(verify(), { code: 'unavailable' })
  })

  test('follows no redirect', async () => {
    const { verify, server } = await elsewhere()
    server.answer((_request, response) =>
      response.writeHead(302, { location: `${server.url}/other` }).end(),
    )
    await assert.rejects(verify(), { code: 'unavailable' })
    expect(server.asked).toEqual(['/keys'])
  })

  test('takes keys that are handed over, and only asymmetric ones that sign', async () => {
    const { countersign, accessToken, runtime } = await loggedIn()
    const { keys } = await countersign.jwks()
    const [key] = keys
    assert(key)
    const verifierOf = (entry: JsonWebKey) =>
      createVerifierWith(runtime, { issuer: ISSUER, audience: ISSUER, jwks: { keys: [entry] } })
    await verifierOf(key).verify(accessToken)
    const { alg: _alg, ...untold } = key
    const useless = [
      untold,
      { ...key, use: 'enc' },
      { ...key, kty: 'oct', k: 'c2VjcmV0' },
      { ...key, alg: 'none' },
    ]
    for (const entry of useless)
      await assert.rejects(verifierOf(entry).verify(accessToken), invalid('unknown_key'))
  })

  test('refuses a token for another audience, and one of another issuer', async () => {
    const { countersign, accessToken, runtime } = await loggedIn()
    const jwks = await countersign.jwks()
    const other = { issuer: ISSUER, audience: 'https://reports.example.com', jwks }
    const foreign = { issuer: 'https://id.example.org', audience: ISSUER, jwks }
    for (const options of [other, foreign])
      await assert.rejects(
        createVerifierWith(runtime, options).verify(accessToken),
        invalid('foreign_token'),
      )
  })

  test('does not see revocation: that is what only the deployment knows', async () => {
    const { verify, revoke, denied } = await elsewhere()
    await revoke()
    await denied()
    await verify()
  })

  test.each([undefined, null, 7, {}, ['x']])('throws a TypeError for %j', async (token) => {
    const { verify } = createVerifierWith(anEngine().runtime, {
      issuer: ISSUER,
      audience: ISSUER,
      jwks: { keys: [] },
    })
    await assert.rejects(verify(token as string), TypeError)
  })
})

test('createVerifier() refuses options that it cannot work with', () => {
  const { runtime } = anEngine()
  const build = (options: object) => () =>
    createVerifierWith(runtime, { issuer: ISSUER, audience: ISSUER, ...options })
  for (const wrong of [{ issuer: '' }, { audience: '' }, { jwks: 'not a url' }])
    expect(build(wrong)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})
