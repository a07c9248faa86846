import { describe, expect, test } from 'vitest'
import type { GrantOptions } from '../../src/model/grant.ts'
import { aHouse, allowing, bindTo, canOf } from '../support/house.ts'
import { expectNoSecret } from '../support/refusal.ts'
import { readToken } from '../support/token.ts'
import type { WorkloadGiven } from '../support/workload.ts'
import { aWorkload, HOME } from '../support/workload.ts'

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
  const exchange = async (options: GrantOptions = {}, token = accessToken) => {
    const grant = await countersign.exchange(token, HOME, options)
    canaries.add(grant.accessToken)
    return grant
  }
  const principalOf = (token: string) => countersign.authenticate(token, HOME)
  const mayIn = async (token: string, permission: string) =>
    canOf(await principalOf(token), permission, { project: 'one', environment: 'prod', path: '/a' })
  return { ...workload, accessToken, exchange, principalOf, mayIn }
}

describe('an audience', () => {
  test.each(['api', `${API}#x`, '', ' https://api.example.com', 7])(
    '%j is none',
    async (audience) => {
      const { exchange } = await aTrader()
      await expect(exchange({ audience: audience as never })).rejects.toMatchObject({
        code: 'invalid_request',
        reason: 'invalid_target',
      })
    },
  )
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
      reason: 'invalid_target',
    })
    const credential = { clientSecret: trader.secret.clientSecret }
    const request = { method: 'universal', identity: trader.identity.id, credential } as const
    const before = trader.calls.answersOf('logins.grant').length
    const error = await trader.countersign
      .login(request, HOME, { audience: API })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_request', reason: 'invalid_target' })
    expect(trader.calls.answersOf('logins.grant')).toHaveLength(before)
    const [event] = (await trader.recorded()).slice(-1)
    expect(event).toMatchObject({ type: 'login.refused', reason: 'invalid_target' })
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
