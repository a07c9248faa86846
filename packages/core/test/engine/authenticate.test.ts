import { describe, expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import { aSigner } from '../support/signer.ts'
import { createOutage, withTokens } from '../support/storage.ts'
import { forge, readToken } from '../support/token.ts'
import { ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

const universal = { method: 'universal' } as const

describe('authenticate()', () => {
  test('answers who it is, how and when it logged in', async () => {
    const identity = { name: 'deployer', slug: 'deployer-1', metadata: { team: 'blue' } }
    const login = await loggedIn({ identity })
    login.clock.advance(60)
    const principal = await login.authenticate()
    expect(principal).toEqual({
      kind: 'identity',
      organization: 'acme',
      identity: login.identity.id,
      name: 'deployer',
      slug: 'deployer-1',
      metadata: { team: 'blue' },
      method: 'universal',
      session: login.grant.session,
      loggedInAt: new Date('2026-03-01T12:00:00Z'),
      expiresAt: new Date('2026-03-01T14:00:00Z'),
    })
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test('hands each request a principal of its own: changing one changes no other', async () => {
    const { authenticate } = await loggedIn({ identity: { metadata: { team: 'blue' } } })
    const [first, second] = [await authenticate(), await authenticate()]
    expect(() => Object.assign(first.metadata, { team: 'red' })).toThrow(TypeError)
    expect(() => first.expiresAt?.setTime(0)).not.toThrow()
    expect(second.metadata).toEqual({ team: 'blue' })
    expect((await authenticate()).expiresAt?.getTime()).toBeGreaterThan(0)
    expect((await authenticate()).metadata).toEqual({ team: 'blue' })
  })

  test('shows the name and the metadata that stand, not those of the login', async () => {
    const { authenticate, host, identity } = await loggedIn()
    await authenticate()
    const { id, organization } = identity
    await host.identities.update({ organization, id, name: 'renamed', metadata: { a: 'b' } })
    expect(await authenticate()).toMatchObject({ name: 'renamed', metadata: { a: 'b' } })
  })

  test('asks the authority once per cacheTtl, and every time when that is 0', async () => {
    for (const [cacheTtl, asked] of [
      [1, 2],
      [0, 4],
    ]) {
      const { authenticate, calls, clock } = await loggedIn({ engine: anEngine({ cacheTtl }) })
      calls.forget()
      for (const pause of [0, 0.5, 0.499, 0.001]) {
        clock.advance(pause)
        await authenticate()
      }
      expect(calls.verbs()).toEqual(Array.from({ length: asked ?? 0 }, () => 'tokens.find'))
    }
  })

  test('refuses while the identity is disabled, and no longer', async () => {
    const { authenticate, denied, host, identity } = await loggedIn()
    const { id, organization } = identity
    await host.identities.update({ organization, id, disabled: true })
    expect(await denied()).toMatchObject({ code: 'invalid_token', reason: 'identity_disabled' })
    await host.identities.update({ organization, id, disabled: false })
    await expect(authenticate()).resolves.toBeDefined()
  })

  test('refuses every token from before revokeTokens(), and takes one from after it', async () => {
    const { authenticate, denied, host, identity, login } = await loggedIn()
    const { id, organization } = identity
    await authenticate()
    await host.identities.revokeTokens({ organization, id })
    expect(await denied()).toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
    const { accessToken } = await login()
    await expect(authenticate(HOME, accessToken)).resolves.toBeDefined()
  })

  test('refuses an address that was taken from the allow-list after the login', async () => {
    const { authenticate, denied, host, key } = await loggedIn()
    await authenticate(ELSEWHERE)
    const tokenPolicy = { trustedSources: { token: ['192.0.2.0/24'] } }
    await host.authMethods.update({ ...key, ...universal, tokenPolicy })
    await expect(authenticate()).resolves.toBeDefined()
    for (const source of [ELSEWHERE, {}, { address: 'nowhere' }])
      expect(await denied(source)).toMatchObject({
        code: 'invalid_token',
        reason: 'ip_not_allowed',
      })
  })

  test('refuses a token of a method that was detached, also when it is attached again', async () => {
    const { authenticate, denied, host, key } = await loggedIn()
    await authenticate()
    await host.authMethods.detach({ ...key, ...universal })
    expect((await denied()).reason).toBe('method_gone')
    await host.authMethods.attach({ ...key, ...universal })
    expect((await denied()).reason).toBe('method_gone')
  })

  test('leaves a token its own ttl when a stricter policy comes', async () => {
    const { authenticate, host, key, clock } = await loggedIn()
    await host.authMethods.update({ ...key, ...universal, tokenPolicy: { ttl: 60, maxTtl: 60 } })
    clock.advance(7199)
    await expect(authenticate()).resolves.toBeDefined()
  })

  test('refuses a signature of another key under our kid, and the next time too', async () => {
    const signer = aSigner()
    const { accessToken, denied } = await loggedIn({ engine: anEngine({ signer }) })
    const token = forge(readToken(accessToken), aSigner().privateKey)
    for (let count = 0; count < 2; count += 1)
      expect((await denied(HOME, token, 'reported')).reason).toBe('bad_signature')
  })

  test.each([
    ['another audience', { aud: 'https://other.example.com' }, 'foreign_token'],
    ['a list of audiences', { aud: ['https://id.example.com'] }, 'foreign_token'],
    ['another issuer', { iss: 'https://id.example.com/' }, 'foreign_token'],
    ['a client that is not the subject', { client_id: 'idn_other' }, 'malformed'],
    ['an expiry that is a text', { exp: '9999999999' }, 'malformed'],
    ['an expiry that is a fraction', { exp: 9_999_999_999.5 }, 'malformed'],
    ['no session', { sid: undefined }, 'malformed'],
    ['a limit of -1', { lim: -1 }, 'malformed'],
    ['two methods', { amr: ['universal', 'aws'] }, 'malformed'],
  ])('refuses %s under our own signature', async (_, change, reason) => {
    const signer = aSigner()
    const { accessToken, denied } = await loggedIn({ engine: anEngine({ signer }) })
    const { header, claims } = readToken(accessToken)
    const token = forge({ header, claims: { ...claims, ...change } }, signer.privateKey)
    expect(await denied(HOME, token, 'reported')).toMatchObject({ code: 'invalid_token', reason })
  })

  test.each(['JWT', 'at+JWT', 'application/at+jwt', undefined])(
    'TOK-019 refuses the typ %j under our own signature',
    async (typ) => {
      const signer = aSigner()
      const { accessToken, denied } = await loggedIn({ engine: anEngine({ signer }) })
      const { header, claims } = readToken(accessToken)
      const token = forge({ header: { ...header, typ }, claims }, signer.privateKey)
      expect((await denied(HOME, token, 'reported')).reason).toBe('foreign_token')
    },
  )

  test('TOK-019 refuses a client secret as a bearer, and a token as a client secret', async () => {
    const { secret, denied, accessToken, login } = await loggedIn()
    expect((await denied(HOME, secret.clientSecret, 'reported')).reason).toBe('malformed')
    await expect(login(HOME, accessToken)).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(login(HOME, accessToken.slice(0, 512))).rejects.toMatchObject({
      code: 'invalid_credential',
    })
  })

  test('gives the same error whatever was wrong', async () => {
    const first = await loggedIn()
    await first.revoke()
    const second = await loggedIn({ tokenPolicy: { maxUses: 1 } })
    await second.authenticate()
    const errors = [
      await first.denied(),
      await second.denied(),
      await second.denied(HOME, 'noise', 'reported'),
      await second.denied(HOME, `${second.accessToken.slice(0, -10)}AAAAAAAAAA`, 'reported'),
    ]
    const faces = errors.map(({ code, message }) => `${code}: ${message}`)
    expect(new Set(faces)).toEqual(new Set(['invalid_token: The access token is not valid']))
    expect(new Set(errors.map(({ reason }) => reason)).size).toBe(4)
  })

  test.each(['tokens.find', 'tokens.spend'])(
    'is unavailable when %s fails, and spends nothing',
    async (verb) => {
      const outage = createOutage()
      const engine = anEngine({ around: outage.around })
      const { authenticate, countersign, accessToken } = await loggedIn({
        engine,
        tokenPolicy: { maxUses: 1 },
      })
      outage.begin(verb)
      await expect(authenticate()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
      const answer = await countersign.tryAuthenticate(accessToken, HOME)
      expect(answer).toMatchObject({ code: 'unavailable' })
      outage.end()
      await expect(authenticate()).resolves.toBeDefined()
    },
  )

  test('is unavailable when the event of a refusal cannot be written', async () => {
    const outage = createOutage()
    const { authenticate, revoke } = await loggedIn({ engine: anEngine({ around: outage.around }) })
    await revoke()
    outage.begin('outbox.append')
    await expect(authenticate()).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('refuses a limited token whose count is gone, and introspection agrees', async () => {
    const engine = anEngine({
      around: (storage) =>
        withTokens(storage, ({ find }) => ({
          async find(query, now) {
            const { uses: _uses, ...standing } = await find(query, now)
            return standing
          },
          spend: async () => false,
        })),
    })
    const { denied, countersign, accessToken } = await loggedIn({
      engine,
      tokenPolicy: { maxUses: 5 },
    })
    expect((await denied()).reason).toBe('token_exhausted')
    expect(await countersign.introspect(accessToken)).toEqual({ active: false })
  })
})

describe('tryAuthenticate()', () => {
  test('answers the principal, or the error as a value', async () => {
    const { countersign, accessToken, identity, revoke } = await loggedIn()
    const principal = await countersign.tryAuthenticate(accessToken, HOME)
    expect(principal).toMatchObject({ kind: 'identity', identity: identity.id })
    await revoke()
    const error = await countersign.tryAuthenticate(accessToken, HOME)
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
  })
})
