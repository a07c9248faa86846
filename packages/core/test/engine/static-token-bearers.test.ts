import { describe, expect, test } from 'vitest'
import { mintSecret } from '../../src/lib/secret.ts'
import { at } from '../support/clock.ts'
import { anEngine, OTHER_ROOT_KEY } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { faceOf } from '../support/refusal.ts'
import { aBearer } from '../support/static-token.ts'
import { ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

const FORM = { prefix: 'cst', kind: 'st' }

describe('authenticate() of a static token', () => {
  test('answers the principal of its identity', async () => {
    const { authenticate, identity, token } = await aBearer({ token: { ttl: 60 } })
    const principal = await authenticate()
    expect(principal).toEqual({
      kind: 'identity',
      organization: 'acme',
      identity: identity.id,
      name: 'ci',
      metadata: {},
      method: 'token',
      session: token.id,
      loggedInAt: at(0),
      expiresAt: at(60),
    })
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test('hands each request a principal of its own: changing one changes no other', async () => {
    const { authenticate, clock } = await aBearer({ token: { ttl: 60 } })
    const first = await authenticate()
    expect(() => Object.assign(first.metadata, { team: 'red' })).toThrow(TypeError)
    first.loggedInAt.setTime(0)
    first.expiresAt?.setTime(at(3600).getTime())
    const { metadata, loggedInAt, expiresAt } = await authenticate()
    expect([{ ...metadata }, loggedInAt, expiresAt]).toEqual([{}, at(0), at(60)])
    clock.advance(60)
    await expect(authenticate()).rejects.toMatchObject({ reason: 'token_expired' })
  })

  test('answers no expiry where the token has none', async () => {
    const { authenticate, clock } = await aBearer({ token: { expires: 'never' } })
    clock.advance(100 * 365 * 86_400)
    expect('expiresAt' in (await authenticate())).toBe(false)
  })

  test('refuses it at the very instant it expires', async () => {
    const { authenticate, denied, clock } = await aBearer({ token: { ttl: 60 } })
    clock.set(new Date(at(60).getTime() - 1))
    await expect(authenticate()).resolves.toBeDefined()
    clock.set(at(60))
    expect(await denied()).toMatchObject({ code: 'invalid_token', reason: 'token_expired' })
  })

  test('refuses it when its identity is disabled, its method detached, all tokens revoked', async () => {
    const reasonAfter = async (act: (bearer: Awaited<ReturnType<typeof aBearer>>) => unknown) => {
      const bearer = await aBearer()
      await bearer.authenticate()
      await act(bearer)
      return (await bearer.countersign.tryAuthenticate(bearer.token.staticToken, HOME)) as {
        readonly reason?: string
      }
    }
    const keyOf = ({ identity: { id, organization } }: Awaited<ReturnType<typeof aBearer>>) => ({
      organization,
      id,
    })
    const disabled = await reasonAfter((bearer) =>
      bearer.host.identities.update({ ...keyOf(bearer), disabled: true }),
    )
    const revoked = await reasonAfter((bearer) =>
      bearer.host.identities.revokeTokens(keyOf(bearer)),
    )
    const deleted = await reasonAfter((bearer) => bearer.host.identities.delete(keyOf(bearer)))
    const detached = await reasonAfter(({ host, identity: { id, organization } }) =>
      host.authMethods.detach({ organization, identity: id, method: 'token' }),
    )
    expect([disabled, revoked, deleted, detached].map(({ reason }) => reason)).toEqual([
      'identity_disabled',
      'token_revoked',
      'unknown_token',
      'unknown_token',
    ])
  })

  test("refuses it from outside its own sources, and its auth method's", async () => {
    const own = await aBearer({ token: { trustedSources: ['192.0.2.0/24'] } })
    await expect(own.authenticate(HOME)).resolves.toBeDefined()
    expect((await own.denied(ELSEWHERE)).reason).toBe('ip_not_allowed')
    expect((await own.denied({})).reason).toBe('ip_not_allowed')
    const trustedSources = { token: ['192.0.2.0/24'] }
    const methods = await aBearer({ tokenPolicy: { trustedSources } })
    await expect(methods.authenticate(HOME)).resolves.toBeDefined()
    expect((await methods.denied(ELSEWHERE)).reason).toBe('ip_not_allowed')
  })

  test('USE-004 spends no use on a refusal, and exactly `maxUses` in all', async () => {
    const wanted = { maxUses: 3, trustedSources: ['192.0.2.0/24'] }
    const { authenticate, denied, host, key } = await aBearer({ token: wanted })
    for (let count = 0; count < 20; count += 1)
      expect((await denied(ELSEWHERE)).reason).toBe('ip_not_allowed')
    expect((await host.staticTokens.get(key)).uses).toBe(0)
    const settled = await flood(30, () => authenticate())
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await denied()).reason).toBe('token_exhausted')
    expect(await host.staticTokens.get(key)).toMatchObject({ uses: 3, ended: 'token_exhausted' })
  })

  test('writes nothing for an unlimited token, and its last use at most once a minute', async () => {
    const { authenticate, calls, countersign, clock, host, key, identity } = await aBearer()
    calls.forget()
    for (let second = 0; second < 150; second += 1) {
      await authenticate()
      await countersign.maintain()
      clock.advance(1)
    }
    expect(calls.count('staticTokens.use')).toBe(0)
    expect(calls.count('staticTokens.record')).toBe(3)
    await countersign.close()
    expect(await host.staticTokens.get(key)).toMatchObject({
      uses: 150,
      firstUsedAt: at(0),
      lastUsedAt: at(149),
    })
    const { organization, id } = identity
    expect((await host.identities.get({ organization, id })).lastLoginAt).toEqual(at(149))
  })

  test('tells one story to all who are refused, and the right one to the trail', async () => {
    const { countersign, token, denied, clock, calls } = await aBearer({ token: { ttl: 60 } })
    const unknown = mintSecret(FORM, (size) => crypto.getRandomValues(new Uint8Array(size)))
    clock.advance(60)
    calls.forget()
    const expired = await denied()
    const verbs = calls.verbs().filter((verb) => verb.startsWith('staticTokens.'))
    expect(verbs).toEqual(['staticTokens.findByDigest'])
    calls.forget()
    const stranger = await denied(HOME, unknown, 'reported')
    expect(calls.count('staticTokens.findByDigest')).toBe(1)
    expect(stranger.reason).toBe('unknown_token')
    expect(faceOf(stranger)).toBe(faceOf(expired))
    expect(countersign.recognizes(token.staticToken)).toBe(true)
    expect(countersign.recognizes(unknown)).toBe(true)
  })
})

describe('the form of a static token', () => {
  test('TOK-006 refuses 10,000 wrong checksums without asking anybody', async () => {
    const { countersign, calls, token } = await aBearer()
    calls.forget()
    const { staticToken } = token
    for (let count = 0; count < 10_000; count += 1) {
      const wrong = staticToken.slice(0, -6) + String(count).padStart(6, '0')
      if (wrong === staticToken) continue
      expect(countersign.recognizes(wrong)).toBe(false)
      const answer = await countersign.tryAuthenticate(wrong, HOME)
      expect(answer).toMatchObject({ code: 'invalid_token', reason: 'malformed' })
    }
    expect(calls.verbs()).toEqual([])
  })

  test('TOK-007 asks once for a right checksum, and refuses what was never issued', async () => {
    const { denied, calls } = await aBearer()
    calls.forget()
    const unknown = mintSecret(FORM, (size) => crypto.getRandomValues(new Uint8Array(size)))
    expect((await denied(HOME, unknown, 'reported')).reason).toBe('unknown_token')
    expect(calls.count('staticTokens.findByDigest')).toBe(1)
  })

  test('TOK-008 refuses every other spelling of a token', async () => {
    const { countersign, token } = await aBearer()
    const { staticToken } = token
    const letter = [...staticToken].findIndex((digit, index) => index > 7 && /[a-z]/.test(digit))
    const flipped = `${staticToken.slice(0, letter)}${staticToken.charAt(letter).toUpperCase()}${staticToken.slice(letter + 1)}`
    const spellings = [staticToken.toUpperCase(), staticToken.toLowerCase(), flipped]
    for (const text of [
      ...spellings,
      ` ${staticToken}`,
      `${staticToken}\n`,
      `${staticToken}\u200b`,
    ])
      expect(await countersign.tryAuthenticate(text, HOME)).toMatchObject({ code: 'invalid_token' })
  })

  test('KEY-001 a dump of all that is stored opens nothing', async () => {
    const engine = anEngine()
    const { storage, countersign, key, token } = await aBearer({ engine })
    const { secret, identity } = await loggedIn({ engine })
    const dump = [
      await storage.staticTokens.find(key.organization, key.id),
      await storage.clientSecrets.find('acme', secret.id),
      await storage.identities.find('acme', identity.id),
      (await storage.keys.list()).keys,
      await engine.recorded(),
      engine.calls.handedTo('staticTokens.insert'),
      engine.calls.handedTo('clientSecrets.insert'),
    ]
    const text = JSON.stringify(dump)
    expect(text.includes(token.staticToken) || text.includes(secret.clientSecret)).toBe(false)
    for (const value of text.match(/[\w.-]{6,}/g) ?? []) {
      expect(await countersign.tryAuthenticate(value, HOME)).toMatchObject({
        code: 'invalid_token',
      })
      const request = { method: 'token', credential: { staticToken: value } } as const
      await expect(countersign.login(request, HOME)).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid_credential|locked_out)$/),
      })
    }
  })

  test('KEY-002 makes 20,000 tokens, all different, every digit about equally often', async () => {
    const random = (size: number) => crypto.getRandomValues(new Uint8Array(size))
    const made = Array.from({ length: 20_000 }, () => mintSecret(FORM, random))
    expect(new Set(made).size).toBe(made.length)
    const counts = new Map<string, number>()
    for (const digit of made.map((text) => text.slice(7, -6)).join(''))
      counts.set(digit, (counts.get(digit) ?? 0) + 1)
    expect(counts.size).toBe(62)
    // 13,871 each on average; eight standard deviations are out of reach of chance.
    for (const count of counts.values()) expect(Math.abs(count - 13_871)).toBeLessThan(940)
  })
})

describe('kinds of credentials', () => {
  test('TOK-019 are never taken for one another, and nothing changes', async () => {
    const engine = anEngine()
    const bearer = await aBearer({ engine, token: { maxUses: 2 } })
    const workload = await loggedIn({ engine, secret: { maxUses: 2 } })
    const { countersign, host } = engine
    const { staticToken } = bearer.token
    const { clientSecret } = workload.secret
    engine.calls.forget()
    const answers = [
      await countersign.tryAuthenticate(clientSecret, HOME),
      await countersign.renew(staticToken, HOME).catch((error: unknown) => error),
      await countersign.renew(clientSecret, HOME).catch((error: unknown) => error),
    ]
    expect(answers).toMatchObject([
      { code: 'invalid_token', reason: 'malformed' },
      { code: 'invalid_token', reason: 'not_renewable' },
      { code: 'invalid_token', reason: 'malformed' },
    ])
    expect(engine.calls.verbs()).toEqual([])
    const login = (method: 'universal' | 'token', identity: string, text: string) =>
      countersign
        .login(
          method === 'token'
            ? { method, identity, credential: { staticToken: text } }
            : { method, identity, credential: { clientSecret: text } },
          HOME,
        )
        .catch((error: unknown) => error)
    expect([
      await login('universal', workload.identity.id, staticToken),
      await login('universal', workload.identity.id, workload.accessToken),
      await login('token', bearer.identity.id, clientSecret),
      await login('token', bearer.identity.id, workload.accessToken),
    ]).toMatchObject([
      { code: 'invalid_credential', reason: 'wrong_secret' },
      // Longer than any credential of ours.
      { code: 'invalid_request' },
      { code: 'invalid_credential', reason: 'unknown_token' },
      { code: 'invalid_request' },
    ])
    await countersign.revoke(clientSecret, HOME)
    await countersign.revoke(staticToken, HOME)
    const { organization, id } = workload.secret
    expect(await host.clientSecrets.get({ organization, id })).toMatchObject({ uses: 1 })
    const { ended, uses } = await host.staticTokens.get(bearer.key)
    expect([ended, uses]).toEqual([undefined, 0])
    expect(countersign.recognizes(clientSecret)).toBe(false)
  })

  test('a static token of another identity opens no login of this one', async () => {
    const engine = anEngine()
    const bearer = await aBearer({ engine })
    const other = await aBearer({ engine })
    const request = {
      method: 'token',
      identity: other.identity.id,
      credential: { staticToken: bearer.token.staticToken },
    } as const
    await expect(engine.countersign.login(request, HOME)).rejects.toMatchObject({
      code: 'invalid_credential',
      reason: 'unknown_token',
    })
  })

  test('a static token of another deployment is unknown', async () => {
    const { token } = await aBearer()
    const other = await aBearer({ engine: anEngine({ rootKeys: [OTHER_ROOT_KEY] }) })
    expect((await other.denied(HOME, token.staticToken, 'reported')).reason).toBe('unknown_token')
  })
})
