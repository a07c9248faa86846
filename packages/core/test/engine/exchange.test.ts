import { describe, expect, test } from 'vitest'
import type { LoginOptions } from '../../src/model/grant.ts'
import { aHouse, allowing, bindTo, canOf } from '../support/house.ts'
import { expectNoSecret, refusalOf } from '../support/refusal.ts'
import { readToken } from '../support/token.ts'
import type { WorkloadGiven } from '../support/workload.ts'
import { aWorkload, ELSEWHERE, HOME } from '../support/workload.ts'

const API = 'https://api.example.com'

/** A workload that may read and write secrets in project `one`, and how it trades its token. */
async function aTrader(given: Omit<WorkloadGiven, 'engine'> = {}) {
  const house = await aHouse()
  const workload = await aWorkload({ engine: house, ...given })
  const { identity, countersign, canaries } = workload
  await bindTo(house, { kind: 'identity', id: identity.id }, [
    { ...allowing('secret:read', 'secret:write'), project: 'one' },
    allowing('identity:*'),
  ])
  const { accessToken } = await workload.login()
  const exchange = async (options: LoginOptions = {}, token = accessToken) => {
    const grant = await countersign.exchange(token, HOME, options)
    canaries.add(grant.accessToken)
    return grant
  }
  const principalOf = (token: string) => countersign.authenticate(token, HOME)
  const mayIn = async (token: string, permission: string) =>
    canOf(await principalOf(token), permission, { project: 'one', environment: 'prod', path: '/a' })
  return { ...workload, accessToken, exchange, principalOf, mayIn }
}

describe('exchange()', () => {
  test('cuts what a token may be used for, and what it was cut by stays cut', async () => {
    const { exchange, mayIn, accessToken, countersign, clock } = await aTrader()
    const cut = await exchange({ permissions: ['secret:read', 'invoice:read', 'secret:read'] })
    expect(cut).toMatchObject({ permissions: ['secret:read', 'invoice:read'], tokenType: 'Bearer' })
    expect(await mayIn(accessToken, 'secret:write')).toBe(true)
    expect(await mayIn(cut.accessToken, 'secret:read')).toBe(true)
    expect(await mayIn(cut.accessToken, 'secret:write')).toBe(false)
    // It was cut by a permission that its identity does not hold: nothing is added.
    expect(await mayIn(cut.accessToken, 'invoice:read')).toBe(false)
    const wider = await exchange({ permissions: ['*'] }, cut.accessToken)
    expect(wider.permissions).toEqual(['secret:read', 'invoice:read'])
    const none = await exchange({ permissions: ['secret:write'] }, cut.accessToken)
    expect(none.permissions).toEqual([])
    expect(await mayIn(none.accessToken, 'secret:read')).toBe(false)
    expect(await mayIn(none.accessToken, 'secret:write')).toBe(false)
    const whole = await exchange({}, cut.accessToken)
    expect(whole.permissions).toEqual(cut.permissions)
    clock.advance(1)
    expect(await countersign.introspect(cut.accessToken)).toMatchObject({
      active: true,
      permissions: cut.permissions,
    })
  })

  test('includes what a wildcard includes', async () => {
    const { exchange, mayIn } = await aTrader()
    const { accessToken } = await exchange({ permissions: ['secret:*'] })
    expect(await mayIn(accessToken, 'secret:write')).toBe(true)
    expect(await mayIn(accessToken, 'identity:read')).toBe(false)
  })

  test('says the same of a cut token in every form of the question', async () => {
    const { exchange, principalOf } = await aTrader()
    const { accessToken } = await exchange({ permissions: ['secret:read'] })
    const principal = (await principalOf(accessToken)) as never as {
      explain(permission: string, said: object): { readonly allowed: boolean }
      conditions(permission: string, said: object): unknown
      canSometimes(permission: string, said?: object): boolean
      permissions(): readonly {
        readonly rules: readonly { readonly allow?: readonly string[] }[]
      }[]
    }
    const said = { project: 'one', environment: 'prod', path: '/a' }
    expect(principal.explain('secret:write', said).allowed).toBe(false)
    expect(principal.explain('secret:read', said).allowed).toBe(true)
    expect(principal.conditions('secret:write', { project: 'one' })).toBe('none')
    expect(principal.conditions('secret:read', { project: 'one' })).toBe('all')
    expect(principal.canSometimes('secret:write')).toBe(false)
    expect(principal.canSometimes('secret:read')).toBe(true)
    const allowed = principal.permissions().flatMap(({ rules }) => rules.flatMap((r) => r.allow))
    expect(allowed).toEqual(['secret:read'])
  })

  test('bounds what a cut token manages: it grants nothing that it may not do itself', async () => {
    const house = await aHouse()
    const workload = await aWorkload({ engine: house })
    const { identity, countersign } = workload
    await bindTo(house, { kind: 'identity', id: identity.id }, [{ role: 'admin' }])
    const { accessToken } = await workload.login()
    const permissions = ['role:create', 'secret:read', 'secret:write']
    const cut = await countersign.exchange(accessToken, HOME, { permissions })
    const asWhole = countersign.as(await countersign.authenticate(accessToken, HOME))
    const asCut = countersign.as(await countersign.authenticate(cut.accessToken, HOME))
    const create = (manage: typeof asCut, slug: string, ...allow: readonly string[]) =>
      manage.roles.create({ organization: 'acme', slug, name: slug, rules: [{ allow }] } as never)
    await expect(create(asCut, 'a', 'secret:read', 'secret:write')).resolves.toBeDefined()
    await expect(create(asWhole, 'b', 'secret:*')).resolves.toBeDefined()
    // The wildcard includes what is added later, which the cut token will not have.
    for (const allow of ['secret:*', 'invoice:read', '*'])
      await expect(create(asCut, 'c', allow)).rejects.toMatchObject({
        code: 'permission_denied',
        details: { refusal: 'role_exceeds' },
      })
    // About itself it has no leave either: a secret that it minted would not be cut.
    await expect(
      asCut.clientSecrets.rotate({ organization: 'acme', id: workload.secret.id }),
    ).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(
      asWhole.clientSecrets.rotate({ organization: 'acme', id: workload.secret.id }),
    ).resolves.toBeDefined()
  })

  test('shares the login: its end, its uses and its revocation, and outlives nothing', async () => {
    const { exchange, countersign, accessToken, clock, principalOf, recorded } = await aTrader({
      tokenPolicy: { ttl: 600, maxTtl: 3600, maxUses: 3 },
    })
    clock.advance(200)
    const cut = await exchange({ permissions: ['secret:read'] })
    expect(cut.expiresIn).toBe(400)
    expect(readToken(cut.accessToken).claims).toMatchObject({
      sid: readToken(accessToken).claims['sid'],
      exp: readToken(accessToken).claims['exp'],
      lim: 3,
      prm: ['secret:read'],
    })
    expect((await recorded()).map(({ type }) => type)).toContain('token.exchanged')
    for (const token of [accessToken, cut.accessToken, cut.accessToken]) await principalOf(token)
    await expect(principalOf(accessToken)).rejects.toMatchObject({ reason: 'token_exhausted' })
    await expect(exchange()).rejects.toMatchObject({ code: 'invalid_token' })
    const renewed = await countersign.renew(cut.accessToken, HOME).catch((error: unknown) => error)
    expect(renewed).toMatchObject({ code: 'invalid_token' })
  })

  test('refuses what is no living token of ours, a static one among it', async () => {
    const trader = await aTrader()
    const { exchange, countersign, accessToken } = trader
    await countersign.revoke(accessToken, HOME)
    expect(await refusalOf(trader, () => exchange())).toMatchObject({ reason: 'token_revoked' })
    expect(await refusalOf(trader, () => exchange({}, 'a.b.c'), 'reported')).toMatchObject({
      code: 'invalid_token',
    })
    await expect(countersign.exchange(7 as never, HOME)).rejects.toThrow(TypeError)
  })

  test.each([
    [{ permissions: ['secret:fly'] }, 'unknown_permission'],
    [{ permissions: [] }, 'unknown_permission'],
    [{ permissions: [7] }, 'unknown_permission'],
    [{ permissions: 'secret:read' }, 'unknown_permission'],
    [{ permissions: Array.from({ length: 101 }, () => '*') }, 'unknown_permission'],
    [{ audience: 'api' }, 'audience_not_allowed'],
    [{ audience: 'https://api.example.com#x' }, 'audience_not_allowed'],
    [{ audience: API }, 'audience_not_allowed'],
  ])('refuses to trade for %j', async (options, reason) => {
    const { exchange } = await aTrader()
    await expect(exchange(options as never)).rejects.toMatchObject({
      code: 'invalid_request',
      reason,
    })
  })
})

describe('a token for another service', () => {
  const tokenPolicy = { audiences: [API] }

  test('is one that the auth method names, opens nothing here, and is told of and ended', async () => {
    const { exchange, countersign, accessToken, principalOf } = await aTrader({ tokenPolicy })
    const { accessToken: token } = await exchange({ audience: API, permissions: ['secret:read'] })
    expect(readToken(token).claims).toMatchObject({ aud: API, prm: ['secret:read'] })
    await expect(principalOf(token)).rejects.toMatchObject({ reason: 'foreign_token' })
    await expect(countersign.renew(token, HOME)).rejects.toMatchObject({ reason: 'foreign_token' })
    // Whoever checks it elsewhere must not get one for us out of it.
    await expect(exchange({}, token)).rejects.toMatchObject({ reason: 'foreign_token' })
    expect(await countersign.introspect(token)).toMatchObject({ active: true, aud: API })
    await countersign.revoke(token, HOME)
    expect(await countersign.introspect(token)).toEqual({ active: false })
    await expect(principalOf(accessToken)).rejects.toMatchObject({ reason: 'token_revoked' })
  })

  test.each([
    ['counts uses', { ...tokenPolicy, maxUses: 3 }],
    ['admits some addresses', { ...tokenPolicy, trustedSources: { token: ['192.0.2.0/24'] } }],
    ['names another', { audiences: ['https://other.example.com'] }],
  ])('is not granted where the method %s', async (_what, policy) => {
    const trader = await aTrader({ tokenPolicy: policy })
    await expect(trader.exchange({ audience: API })).rejects.toMatchObject({
      reason: 'audience_not_allowed',
    })
    const credential = { clientSecret: trader.secret.clientSecret }
    const request = { method: 'universal', identity: trader.identity.id, credential } as const
    const before = trader.calls.answersOf('logins.grant').length
    const error = await trader.countersign
      .login(request, HOME, { audience: API })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_request', reason: 'audience_not_allowed' })
    expect(trader.calls.answersOf('logins.grant')).toHaveLength(before)
    const [event] = (await trader.recorded()).slice(-1)
    expect(event).toMatchObject({ type: 'login.refused', reason: 'audience_not_allowed' })
    expectNoSecret(trader, event)
    // It was no failure: the fourth such login in a row is let in like the first.
    await expect(trader.login()).resolves.toBeDefined()
  })

  test('comes from a login too; the issuer itself needs no leave', async () => {
    const trader = await aTrader({ tokenPolicy })
    const credential = { clientSecret: trader.secret.clientSecret }
    const request = { method: 'universal', identity: trader.identity.id, credential } as const
    const grant = await trader.countersign.login(request, HOME, { audience: API })
    expect(readToken(grant.accessToken).claims['aud']).toBe(API)
    const ours = await trader.countersign.login(request, HOME, {
      audience: trader.countersign.issuer,
      permissions: ['secret:read'],
    })
    expect(await trader.mayIn(ours.accessToken, 'secret:read')).toBe(true)
    expect(await trader.mayIn(ours.accessToken, 'secret:write')).toBe(false)
  })

  test('is no more granted once the method names it no more', async () => {
    const { exchange, host, key } = await aTrader({ tokenPolicy })
    await exchange({ audience: API })
    await host.authMethods.update({ ...key, method: 'universal', tokenPolicy: { audiences: [] } })
    await expect(exchange({ audience: API })).rejects.toMatchObject({ code: 'invalid_request' })
  })
})

describe('renew()', () => {
  test('keeps what a token was cut by, its addresses and its organization, and never widens them', async () => {
    const trader = await aTrader({ tokenPolicy: { ttl: 600, maxTtl: 3600 } })
    const credential = { clientSecret: trader.secret.clientSecret }
    const request = { method: 'universal', identity: trader.identity.id, credential } as const
    const permissions = ['secret:read']
    const { accessToken } = await trader.countersign.login(request, HOME, { permissions })
    trader.clock.advance(60)
    const wider = { permissions: ['*'] } as never
    const renewed = await trader.countersign.renew(accessToken, HOME, wider)
    expect(renewed.permissions).toEqual(permissions)
    expect(await trader.mayIn(renewed.accessToken, 'secret:write')).toBe(false)
    const trustedSources = { token: ['192.0.2.0/24'] }
    await trader.host.authMethods.update({
      ...trader.key,
      method: 'universal',
      tokenPolicy: { trustedSources },
    })
    trader.clock.advance(2)
    for (const use of ['renew', 'authenticate', 'exchange'] as const)
      await expect(trader.countersign[use](renewed.accessToken, ELSEWHERE)).rejects.toMatchObject({
        code: 'invalid_token',
        reason: 'ip_not_allowed',
      })
  })
})

describe('attachedMethod()', () => {
  test('names the first method that an identity has, and asks as much about nobody', async () => {
    const { countersign, identity, calls } = await aTrader()
    const asked = async (who: string) => {
      const before = calls.answersOf('logins.find').length
      const method = await countersign.attachedMethod(who, ['token', 'universal'])
      return { method, finds: calls.answersOf('logins.find').length - before }
    }
    expect(await asked(identity.id)).toEqual({ method: 'universal', finds: 2 })
    expect(await asked('idn_nobody')).toEqual({ method: 'token', finds: 2 })
    await expect(countersign.attachedMethod('idn_nobody', [])).rejects.toThrow(TypeError)
  })
})
