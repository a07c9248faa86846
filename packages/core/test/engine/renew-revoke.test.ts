import { describe, expect, test } from 'vitest'
import { days, hours } from '../../src/lib/time.ts'
import { anEngine } from '../support/engine.ts'
import { createOutage } from '../support/storage.ts'
import { readToken } from '../support/token.ts'
import { aWorkload, ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

const universal = { method: 'universal' } as const

describe('renew()', () => {
  test('keeps the session, the login and its last expiry, and makes a new token', async () => {
    const { renew, clock, accessToken } = await loggedIn({
      tokenPolicy: { ttl: 600, maxTtl: 3600 },
    })
    clock.advance(300)
    const renewed = await renew()
    const before = readToken(accessToken).claims
    const after = readToken(renewed.accessToken).claims
    const { sid, auth_time, max, sub, amid, gen, csid } = before
    expect(after).toMatchObject({ sid, auth_time, max, sub, amid, gen, csid })
    expect([after['iat'], after['exp']]).toEqual([1_772_366_700, 1_772_367_300])
    expect(after['jti']).not.toBe(before['jti'])
    expect(renewed).toMatchObject({ expiresIn: 600, maxTtl: 3600 })
  })

  test('leaves the old token to its own expiry', async () => {
    const { renew, clock, authenticate, denied } = await loggedIn({ tokenPolicy: { ttl: 60 } })
    clock.advance(59)
    const { accessToken } = await renew()
    await expect(authenticate()).resolves.toBeDefined()
    clock.advance(1)
    expect((await denied(HOME, undefined, 'reported')).reason).toBe('token_expired')
    await expect(authenticate(HOME, accessToken)).resolves.toBeDefined()
  })

  test('writes one event with the new jti', async () => {
    const { renew, recorded, grant } = await loggedIn()
    const { accessToken } = await renew()
    expect((await recorded()).at(-1)).toMatchObject({
      type: 'token.renewed',
      organization: 'acme',
      target: { kind: 'token', id: grant.session },
      details: { revision: 1, jti: readToken(accessToken).claims['jti'] },
      source: HOME,
    })
  })

  test('never passes the last expiry, whatever is renewed how often', async () => {
    const { renew, clock, accessToken } = await loggedIn({
      tokenPolicy: { ttl: 600, maxTtl: 1000 },
    })
    let token = accessToken
    const granted: number[] = []
    for (const pause of [300, 300, 300, 99]) {
      clock.advance(pause)
      const renewed = await renew(token)
      token = renewed.accessToken
      granted.push(renewed.expiresIn)
    }
    expect(granted).toEqual([600, 400, 100, 1])
  })

  test('goes on for ever with a period, and each token lives that long', async () => {
    const { renew, clock, grant, accessToken } = await loggedIn({ tokenPolicy: { period: 600 } })
    expect(grant).toMatchObject({ expiresIn: 600, maxTtl: 'unbounded' })
    let token = accessToken
    for (let count = 0; count < 50; count += 1) {
      clock.advance(599)
      const renewed = await renew(token)
      expect(renewed.expiresIn).toBe(600)
      token = renewed.accessToken
    }
    clock.advance(600)
    await expect(renew(token)).rejects.toMatchObject({ reason: 'token_expired' })
  })

  test('ends with the period when the policy loses it', async () => {
    const { renew, notRenewed, clock, host, key } = await loggedIn({
      tokenPolicy: { period: 7000 },
    })
    await host.authMethods.update({ ...key, ...universal, tokenPolicy: { period: 'none' } })
    clock.advance(5000)
    const { accessToken, expiresIn, maxTtl } = await renew()
    expect([expiresIn, maxTtl]).toEqual([2200, 7200])
    clock.advance(2199.5)
    expect((await notRenewed(accessToken)).reason).toBe('not_renewable')
  })

  test('grants no more than the login froze when the policy grows', async () => {
    const { renew, clock, host, key } = await loggedIn({ tokenPolicy: { ttl: 600, maxTtl: 900 } })
    const tokenPolicy = { ttl: hours(10), maxTtl: 'unbounded' } as const
    await host.authMethods.update({ ...key, ...universal, tokenPolicy })
    clock.advance(400)
    expect(await renew()).toMatchObject({ expiresIn: 500, maxTtl: 900 })
  })

  test('checks the address that the policy demands today', async () => {
    const { notRenewed, host, key, countersign, accessToken } = await loggedIn()
    const tokenPolicy = { trustedSources: { token: ['203.0.113.0/24'] } }
    await host.authMethods.update({ ...key, ...universal, tokenPolicy })
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason: 'ip_not_allowed' })
    await expect(countersign.renew(accessToken, ELSEWHERE)).resolves.toBeDefined()
  })

  test('shares the uses of the login, and spends none', async () => {
    const { renew, authenticate, denied, accessToken } = await loggedIn({
      tokenPolicy: { maxUses: 3 },
    })
    await authenticate()
    const { accessToken: second } = await renew()
    const { accessToken: third } = await renew(second)
    await authenticate(HOME, second)
    await authenticate(HOME, third)
    for (const token of [accessToken, second, third])
      expect((await denied(HOME, token)).reason).toBe('token_exhausted')
  })

  test('ends an unlimited login when its method got a limit meanwhile', async () => {
    const { authenticate, notRenewed, host, key } = await loggedIn()
    await host.authMethods.update({ ...key, ...universal, tokenPolicy: { maxUses: 1 } })
    for (let count = 0; count < 3; count += 1) await authenticate()
    expect((await notRenewed()).reason).toBe('token_exhausted')
  })

  test.each([
    ['a disabled identity', 'identity_disabled', { disabled: true }],
    ['a raised generation', 'token_revoked', undefined],
  ])('refuses %s', async (_, reason, change) => {
    const { notRenewed, host, identity } = await loggedIn()
    const { id, organization } = identity
    if (change === undefined) await host.identities.revokeTokens({ organization, id })
    else await host.identities.update({ organization, id, ...change })
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason })
  })

  test('lets a host shape the claims of the new token', async () => {
    const { renew } = await loggedIn()
    const renewed = await renew(undefined, { claims: () => ({ dialect: 'yes', exp: '0' }) })
    const { claims } = readToken(renewed.accessToken)
    expect(claims).toMatchObject({ dialect: 'yes', exp: 1_772_373_600 })
  })

  test('is unavailable when the authority fails, and nothing is renewed', async () => {
    const outage = createOutage()
    const login = await loggedIn({ engine: anEngine({ around: outage.around, cacheTtl: 0 }) })
    for (const verb of ['tokens.find', 'tokens.renew']) {
      outage.begin(verb)
      await expect(login.renew()).rejects.toMatchObject({ code: 'unavailable' })
    }
    const renewals = (await login.recorded()).filter(({ type }) => type === 'token.renewed')
    expect(renewals).toEqual([])
  })
})

describe('revoke()', () => {
  test('ends the token, its renewals and what it was renewed from', async () => {
    const { renew, revoke, accessToken, denied, notRenewed } = await loggedIn()
    const { accessToken: second } = await renew()
    const { accessToken: third } = await renew(second)
    await revoke(second)
    for (const token of [accessToken, second, third]) {
      expect((await denied(HOME, token)).reason).toBe('token_revoked')
      expect((await notRenewed(token)).reason).toBe('token_revoked')
    }
  })

  test('ends one login, and no other of the same identity', async () => {
    const { revoke, login, authenticate } = await loggedIn()
    const { accessToken: other } = await login()
    await revoke()
    await expect(authenticate(HOME, other)).resolves.toBeDefined()
  })

  test('takes an expired token, and kills the renewal that still lives', async () => {
    const { renew, revoke, clock, accessToken, denied } = await loggedIn({
      tokenPolicy: { ttl: 60, maxTtl: 600 },
    })
    clock.advance(59)
    const { accessToken: second } = await renew()
    clock.advance(1)
    await revoke(accessToken)
    expect((await denied(HOME, second)).reason).toBe('token_revoked')
  })

  test('holds as long as any token of the login could live, swept or not', async () => {
    const { renew, revoke, clock, countersign, denied, accessToken } = await loggedIn({
      tokenPolicy: { ttl: days(1), maxTtl: days(30) },
    })
    clock.advance(days(1) - 1)
    const { accessToken: second } = await renew(accessToken)
    await revoke(second)
    clock.advance(days(1) - 1)
    await countersign.maintain()
    expect((await denied(HOME, second)).reason).toBe('token_revoked')
  })

  test('ends periodic logins, too', async () => {
    const { renew, revoke, denied, accessToken } = await loggedIn({ tokenPolicy: { period: 600 } })
    const { accessToken: second } = await renew()
    await revoke(accessToken)
    expect((await denied(HOME, second)).reason).toBe('token_revoked')
  })

  test('does nothing for what is no token of ours, and says nothing about it', async () => {
    const { countersign, accessToken, recorded, authenticate } = await loggedIn()
    const before = (await recorded()).length
    for (const token of ['', 'noise', `${accessToken}x`, accessToken.slice(0, -3)])
      await expect(countersign.revoke(token, HOME)).resolves.toBeUndefined()
    expect((await recorded()).length).toBe(before)
    await expect(authenticate()).resolves.toBeDefined()
  })

  test('asks no address: whoever holds a token may end it', async () => {
    const tokenPolicy = { trustedSources: { token: ['192.0.2.0/24'] } }
    const { countersign, accessToken, denied } = await loggedIn({ tokenPolicy })
    await countersign.revoke(accessToken, ELSEWHERE)
    expect((await denied()).reason).toBe('token_revoked')
  })

  test('is seen by another node that had the login in its memory, within cacheTtl', async () => {
    const workload = await aWorkload()
    const other = anEngine({ beside: workload })
    const { accessToken } = await workload.login()
    await other.countersign.authenticate(accessToken, HOME)
    await workload.countersign.revoke(accessToken, HOME)
    workload.clock.advance(1)
    await expect(other.countersign.authenticate(accessToken, HOME)).rejects.toMatchObject({
      reason: 'token_revoked',
    })
  })
})
