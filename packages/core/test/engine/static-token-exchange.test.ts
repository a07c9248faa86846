import { describe, expect, test } from 'vitest'
import { mintSecret } from '../../src/lib/secret.ts'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { faceOf, refusalOf } from '../support/refusal.ts'
import { aBearer } from '../support/static-token.ts'
import { readToken } from '../support/token.ts'
import { ELSEWHERE, HOME } from '../support/workload.ts'

const random = (size: number) => crypto.getRandomValues(new Uint8Array(size))
const unknownToken = () => mintSecret({ prefix: 'cst', kind: 'st' }, random)

describe("login({ method: 'token' })", () => {
  test('exchanges a static token for a short-lived one, without naming the identity', async () => {
    const { exchange, countersign, identity, token } = await aBearer({ tokenPolicy: { ttl: 600 } })
    const grant = await exchange()
    expect(grant).toMatchObject({ identity: identity.id, organization: 'acme', expiresIn: 600 })
    expect(readToken(grant.accessToken).claims).toMatchObject({ amr: ['token'], csid: token.id })
    const principal = await countersign.authenticate(grant.accessToken, HOME)
    expect(principal).toMatchObject({ identity: identity.id, method: 'token' })
    const renewed = await countersign.renew(grant.accessToken, HOME)
    expect(renewed.session).toBe(grant.session)
  })

  test('takes the identity where it is named, and no other one', async () => {
    const engine = anEngine()
    const { countersign, identity, token } = await aBearer({ engine })
    const other = await aBearer({ engine })
    const login = (id: string) =>
      countersign.login(
        { method: 'token', identity: id, credential: { staticToken: token.staticToken } },
        HOME,
      )
    await expect(login(identity.id)).resolves.toMatchObject({ identity: identity.id })
    await expect(login(other.identity.id)).rejects.toMatchObject({ code: 'invalid_credential' })
  })

  test('is the only method that may leave the identity out', async () => {
    const { countersign } = anEngine()
    const request = { method: 'universal', credential: { clientSecret: 's' } }
    await expect(countersign.login(request as never, HOME)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'identity is required',
    })
  })

  test('takes one use of the token, and as many as it has', async () => {
    const { exchange, authenticate, host, key } = await aBearer({ token: { maxUses: 3 } })
    await authenticate()
    const settled = await flood(20, () => exchange())
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(await host.staticTokens.get(key)).toMatchObject({ uses: 3, ended: 'token_exhausted' })
  })

  test('refuses what expired or was revoked, and says why to the trail alone', async () => {
    const engine = anEngine()
    const { exchange, clock, another, host } = await aBearer({ engine, token: { ttl: 60 } })
    const { organization, id, staticToken } = await another()
    await host.staticTokens.revoke({ organization, id })
    clock.advance(60)
    const expired = await refusalOf(engine, () => exchange())
    const revoked = await refusalOf(engine, () => exchange(HOME, staticToken))
    expect([expired.reason, revoked.reason]).toEqual(['token_expired', 'token_revoked'])
    const unknown = await refusalOf(engine, () => exchange(ELSEWHERE, unknownToken()), 'reported')
    expect(unknown.reason).toBe('unknown_client')
    expect(new Set([expired, revoked, unknown].map(faceOf)).size).toBe(1)
  })

  test('refuses from outside the sources of the token, and strikes nobody for it', async () => {
    const engine = anEngine()
    const token = { trustedSources: ['192.0.2.0/24'], maxUses: 1 }
    const { exchange, host, key } = await aBearer({ engine, token })
    for (let count = 0; count < 5; count += 1)
      await expect(exchange(ELSEWHERE)).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid_credential|locked_out)$/),
      })
    expect(await host.lockouts.list({ organization: 'acme' })).toEqual([])
    expect((await host.staticTokens.get(key)).uses).toBe(0)
    await expect(exchange(HOME)).resolves.toBeDefined()
  })

  test('locks out as client secrets do, by source where nobody is named', async () => {
    const { countersign, identity, exchange } = await aBearer()
    const attempt = (named: { readonly identity?: string }, from = ELSEWHERE) =>
      countersign
        .login({ method: 'token', ...named, credential: { staticToken: unknownToken() } }, from)
        .catch((error: unknown) => error)
    const named = []
    const nameless = []
    for (let count = 0; count < 4; count += 1) {
      named.push(await attempt({ identity: identity.id }))
      nameless.push(await attempt({}))
    }
    const codes = ['invalid_credential', 'invalid_credential', 'invalid_credential', 'locked_out']
    expect(named).toMatchObject(codes.map((code) => ({ code })))
    expect(nameless).toMatchObject(codes.map((code) => ({ code })))
    expect(await attempt({}, HOME)).toMatchObject({ code: 'invalid_credential' })
    await expect(exchange(ELSEWHERE)).rejects.toMatchObject({ code: 'locked_out' })
  })

  test('ends with the static token: revoked or deleted, not expired', async () => {
    const { exchange, countersign, host, key, clock, another } = await aBearer({
      token: { ttl: 60 },
    })
    const grant = await exchange()
    const second = await another()
    const other = await exchange(HOME, second.staticToken)
    clock.advance(60)
    await expect(countersign.authenticate(grant.accessToken, HOME)).resolves.toBeDefined()
    await host.staticTokens.revoke(key)
    await host.staticTokens.delete({ organization: key.organization, id: second.id })
    for (const { accessToken } of [grant, other])
      await expect(countersign.authenticate(accessToken, HOME)).rejects.toMatchObject({
        code: 'invalid_token',
        reason: 'token_revoked',
      })
  })
})

describe('revoke() of a static token', () => {
  test('does nothing where its auth method does not say selfRevoke', async () => {
    const { countersign, token, authenticate, recorded } = await aBearer()
    const before = (await recorded()).length
    await countersign.revoke(token.staticToken, HOME)
    await expect(authenticate()).resolves.toBeDefined()
    expect(await recorded()).toHaveLength(before)
  })

  test('ends it, and what it was exchanged for, where its auth method says selfRevoke', async () => {
    const bearer = await aBearer({ policy: { selfRevoke: true } })
    const { countersign, token, exchange, denied, recorded, identity } = bearer
    const { accessToken } = await exchange()
    await countersign.revoke(token.staticToken, HOME)
    await countersign.revoke(token.staticToken, HOME)
    expect((await denied()).reason).toBe('token_revoked')
    await expect(countersign.authenticate(accessToken, HOME)).rejects.toMatchObject({
      reason: 'token_revoked',
    })
    const events = (await recorded()).filter(({ type }) => type === 'static_token.revoked')
    expect(events).toMatchObject([
      { reason: 'by_bearer', actor: { kind: 'identity', id: identity.id }, source: HOME },
    ])
  })

  test('an expired token may still ask', async () => {
    const bearer = await aBearer({ policy: { selfRevoke: true }, token: { ttl: 60 } })
    const { countersign, token, clock, host, key } = bearer
    clock.advance(60)
    await countersign.revoke(token.staticToken, HOME)
    expect((await host.staticTokens.get(key)).revoked?.reason).toBe('by_bearer')
  })

  test('an unknown one changes nothing', async () => {
    const { countersign, recorded } = await aBearer()
    const before = (await recorded()).length
    await expect(countersign.revoke(unknownToken(), HOME)).resolves.toBeUndefined()
    expect(await recorded()).toHaveLength(before)
  })
})

describe('introspect() of a static token', () => {
  test('tells what it is good for, without using it', async () => {
    const { countersign, token, identity, host, key } = await aBearer({ token: { maxUses: 1 } })
    const seconds = (instant: Date | undefined) => Math.floor((instant?.getTime() ?? 0) / 1000)
    expect(await countersign.introspect(token.staticToken)).toEqual({
      active: true,
      sub: identity.id,
      client_id: identity.id,
      iss: 'https://id.example.com',
      aud: 'https://id.example.com',
      iat: seconds(token.createdAt),
      exp: seconds(token.expiresAt),
      jti: token.id,
      org: 'acme',
      token_type: 'Bearer',
    })
    expect((await host.staticTokens.get(key)).uses).toBe(0)
  })

  test('has no exp where there is no end, and no reason where it is inactive', async () => {
    const { countersign, token, another, authenticate } = await aBearer({ token: { maxUses: 1 } })
    const { staticToken } = await another({ expires: 'never' })
    expect('exp' in (await countersign.introspect(staticToken))).toBe(false)
    await authenticate()
    expect(await countersign.introspect(token.staticToken)).toEqual({ active: false })
    expect(await countersign.introspect(unknownToken())).toEqual({ active: false })
  })
})
