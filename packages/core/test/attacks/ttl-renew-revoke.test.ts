import { describe, expect, test } from 'vitest'
import { parseJwt } from '../../src/lib/jwt.ts'
import { hours } from '../../src/lib/time.ts'
import { unsafeClientCertificate } from '../../src/model/client-certificate.ts'
import { anEngine } from '../support/engine.ts'
import { createStop, rounds } from '../support/gate.ts'
import { aProver } from '../support/proof.ts'
import { refusalOf } from '../support/refusal.ts'
import { createOutage, withTokens } from '../support/storage.ts'
import type { LoggedIn } from '../support/workload.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

const universal = { method: 'universal' } as const

/** What a token is bound to and restricted to, and whose login it belongs to. */
function pickBounds(token: string) {
  const { cnf, prm, org, sid } = parseJwt(token)?.claims ?? {}
  return { cnf, prm, org, sid }
}

describe('authenticate()', () => {
  test('TTL-001 takes a token strictly before its expiry, from its cache too', async () => {
    const { clock, authenticate, denied } = await loggedIn({ tokenPolicy: { ttl: 60 } })
    await authenticate()
    clock.advance(59.999)
    await expect(authenticate()).resolves.toMatchObject({ kind: 'identity' })
    for (const step of [0.001, 0.001]) {
      clock.advance(step)
      const error = await denied(HOME, undefined, 'reported')
      expect(error).toMatchObject({ code: 'invalid_token', reason: 'token_expired' })
    }
  })

  test('TTL-005 refuses a revoked token in the tick in which revoke() resolves', async () => {
    const { authenticate, revoke, accessToken, countersign } = await loggedIn()
    await authenticate()
    const after = revoke().then(() => countersign.tryAuthenticate(accessToken, HOME))
    await expect(after).resolves.toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
  })

  test('TTL-005 refuses a revoked token to those who asked while it was being revoked', async () => {
    const stop = createStop()
    const engine = anEngine({
      around: (storage) =>
        withTokens(storage, ({ find }) => ({
          async find(query, now) {
            const standing = await find(query, now)
            await stop.pass()
            return standing
          },
        })),
    })
    const { authenticate, revoke } = await loggedIn({ engine })
    stop.close()
    const early = authenticate()
    await stop.reached()
    await revoke()
    stop.open()
    await early
    await expect(authenticate()).rejects.toMatchObject({ reason: 'token_revoked' })
  })

  const deletions: readonly (readonly [string, string, (login: LoggedIn) => Promise<unknown>])[] = [
    [
      'identity',
      'identity_gone',
      ({ host, identity: { id, organization } }) => host.identities.delete({ organization, id }),
    ],
    [
      'client secret',
      'token_revoked',
      ({ host, secret: { id, organization } }) => host.clientSecrets.delete({ organization, id }),
    ],
    [
      'auth method',
      'method_gone',
      ({ host, key }) => host.authMethods.detach({ ...key, ...universal }),
    ],
    ['organization', 'identity_gone', ({ host }) => host.organizations.delete({ id: 'acme' })],
  ]

  test.each(deletions)(
    'TTL-010 refuses the token of a deleted %s at once, and for good',
    async (_, reason, remove) => {
      const login = await loggedIn()
      const { authenticate, denied, clock, host, key } = login
      await authenticate()
      await remove(login)
      expect(await denied()).toMatchObject({ code: 'invalid_token', reason })
      await host.organizations.ensure({ id: 'acme', name: 'Acme again' })
      await host.authMethods.attach({ ...key, ...universal }).catch(() => undefined)
      clock.advance(60)
      await login.countersign.maintain()
      expect(await denied()).toMatchObject({ code: 'invalid_token', reason })
    },
  )

  test('TTL-010 refuses it on another node as soon as that asks again', async () => {
    const login = await loggedIn()
    const other = anEngine({ beside: login })
    await other.countersign.authenticate(login.accessToken, HOME)
    const { id, organization } = login.identity
    await login.host.identities.delete({ organization, id })
    login.clock.advance(1)
    const attempt = () => other.countersign.authenticate(login.accessToken, HOME)
    expect((await refusalOf(other, attempt)).reason).toBe('identity_gone')
  })

  test('TTL-017 takes the token of another node when its own clock is ten minutes off', async () => {
    for (const drift of [600_000, -600_000]) {
      const login = await loggedIn({ tokenPolicy: { ttl: 300 } })
      const local = () => new Date(login.clock.now().getTime() + drift)
      const node = anEngine({ beside: login, local })
      await node.countersign.ready()
      await expect(node.countersign.authenticate(login.accessToken, HOME)).resolves.toBeDefined()
      expect((await login.recorded()).at(-1)).toMatchObject({
        type: 'clock.drifted',
        details: { seconds: -drift / 1000 },
      })
    }
  })
})

describe('renew()', () => {
  test('TTL-003 refuses one millisecond before the last expiry', async () => {
    const { clock, notRenewed } = await loggedIn()
    clock.advance(7199.999)
    const error = await notRenewed()
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'not_renewable' })
  })

  test('TTL-003 grants the last whole second, and never more than is left', async () => {
    const { clock, renew } = await loggedIn()
    clock.advance(7199)
    const { accessToken, expiresIn, expiresAt } = await renew()
    expect([expiresIn, expiresAt.getTime() - clock.now().getTime()]).toEqual([1, 1000])
    clock.advance(0.5)
    await expect(renew(accessToken)).rejects.toMatchObject({ reason: 'not_renewable' })
  })

  test('TTL-012 refuses a revoked, an expired and an exhausted token, and changes nothing', async () => {
    const revoked = await loggedIn()
    await revoked.revoke()
    expect(await revoked.notRenewed()).toMatchObject({ reason: 'token_revoked' })
    const exhausted = await loggedIn({ tokenPolicy: { maxUses: 1 } })
    await exhausted.authenticate()
    expect(await exhausted.notRenewed()).toMatchObject({ reason: 'token_exhausted' })
    expect(await exhausted.denied()).toMatchObject({ reason: 'token_exhausted' })
    const expired = await loggedIn({ tokenPolicy: { ttl: 60, maxTtl: 'unbounded' } })
    expired.clock.advance(60)
    const attempt = () => expired.renew()
    const error = await refusalOf(expired, attempt, 'reported')
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'token_expired' })
  })

  test('TTL-013 leaves nothing alive when it races revoke(), whoever settles first', async () => {
    const stop = createStop()
    const engine = anEngine({
      around: (storage) =>
        withTokens(storage, ({ renew }) => ({
          async renew(...values) {
            await stop.pass()
            return renew(...values)
          },
        })),
    })
    const workload = await aWorkload({ engine })
    for (let round = 0; round < rounds(50, 1000); round += 1) {
      const { accessToken } = await workload.login()
      stop.close()
      const renewal = workload.countersign.renew(accessToken, HOME).catch(() => undefined)
      await stop.reached()
      if (round % 2 === 0) stop.open()
      const revocation = workload.countersign.revoke(accessToken, HOME)
      if (round % 4 === 1) await revocation
      stop.open()
      const [renewed] = await Promise.all([renewal, revocation])
      for (const token of [accessToken, renewed?.accessToken ?? accessToken])
        expect(await workload.countersign.tryAuthenticate(token, HOME)).toMatchObject({
          reason: 'token_revoked',
        })
      expect(renewed === undefined).toBe(round % 4 === 1 || renewed === undefined)
    }
  })

  test('TTL-014 keeps what a token is bound to, and refuses whoever does not prove it again', async () => {
    const { host, key, login, clock, countersign, canaries, ...rest } = await aWorkload({
      tokenPolicy: { ttl: 600, maxTtl: 3600, boundTo: 'certificate' },
    })
    const prover = aProver()
    const mine = unsafeClientCertificate(new TextEncoder().encode('mine'))
    const others = unsafeClientCertificate(new TextEncoder().encode('others'))
    const proof = () => prover.proof(clock.now())
    const first = await login({ ...HOME, certificate: mine, proof: proof() })
    const narrow = await countersign.exchange(
      first.accessToken,
      { ...HOME, certificate: mine, proof: proof() },
      { permissions: ['identity:read'] },
    )
    const renew = (source: object, options = {}) =>
      countersign.renew(narrow.accessToken, { ...HOME, ...source }, options)
    const renewed = await renew({ certificate: mine, proof: proof() })
    for (const { accessToken } of [first, narrow, renewed]) canaries.add(accessToken)
    expect(pickBounds(renewed.accessToken)).toEqual(pickBounds(narrow.accessToken))
    expect(pickBounds(renewed.accessToken)).toMatchObject({
      prm: ['identity:read'],
      cnf: { jkt: prover.jkt, 'x5t#S256': expect.any(String) },
    })
    const engine = { ...rest, clock, countersign, canaries }
    const tokenPolicy = { trustedSources: { token: ['192.0.2.0/24'] } }
    await host.authMethods.update({ ...key, ...universal, tokenPolicy })
    for (const [source, reason] of [
      [{ certificate: others, proof: proof() }, 'wrong_certificate'],
      [{ proof: proof() }, 'wrong_certificate'],
      [{ certificate: mine }, 'proof_missing'],
      [{ certificate: mine, proof: aProver().proof(clock.now()) }, 'wrong_key'],
      [{ address: '203.0.113.9', certificate: mine, proof: proof() }, 'ip_not_allowed'],
    ] as const) {
      const error = await refusalOf(engine, () => renew(source))
      expect(error).toMatchObject({ code: 'invalid_token', reason })
    }
    const wider = renew({ certificate: mine, proof: proof() }, { permissions: ['*'] })
    await expect(wider).rejects.toMatchObject({ reason: 'invalid_scope' })
    await renew({ certificate: mine, proof: proof() })
  })

  test('TTL-015 refuses the login of a method that was taken away, and cuts to a stricter one', async () => {
    const { host, key, renew, notRenewed, clock } = await loggedIn({
      tokenPolicy: { ttl: 3600, maxTtl: hours(24) },
    })
    clock.advance(1800)
    const tokenPolicy = { ttl: 600, maxTtl: 2700 }
    await host.authMethods.update({ ...key, ...universal, tokenPolicy })
    expect(await renew()).toMatchObject({ expiresIn: 600, maxTtl: 2700 })
    clock.advance(600)
    expect(await renew()).toMatchObject({ expiresIn: 300 })
    clock.advance(300)
    expect(await notRenewed()).toMatchObject({ reason: 'not_renewable' })
    await host.authMethods.detach({ ...key, ...universal })
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason: 'method_gone' })
  })
})

describe('revoke()', () => {
  test('TTL-008 is unavailable when the authority refuses the write, and the token lives', async () => {
    const outage = createOutage()
    const login = await loggedIn({ engine: anEngine({ around: outage.around }) })
    outage.begin('tokens.revoke')
    await expect(login.revoke()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
    await expect(login.authenticate()).resolves.toBeDefined()
    outage.end()
    await login.revoke()
    expect((await login.denied()).reason).toBe('token_revoked')
  })

  test('TTL-019 answers the same twice, and writes one event', async () => {
    const { revoke, recorded, countersign, denied } = await loggedIn()
    const answers = [await revoke(), await revoke(), await countersign.revoke('unknown', HOME)]
    expect(answers).toEqual([undefined, undefined, undefined])
    const revocations = (await recorded()).filter(({ type }) => type === 'token.revoked')
    expect(revocations).toMatchObject([{ reason: 'by_bearer', actor: { kind: 'identity' } }])
    expect((await denied()).reason).toBe('token_revoked')
  })
})

describe('management', () => {
  const refusedTimes = [0, -1, 0.5, 1e15, '3600', Number.NaN, null, Number.POSITIVE_INFINITY]

  test.each(refusedTimes)('TTL-004 refuses %j as a lifetime of anything', async (time) => {
    const { host, key, another } = await aWorkload()
    const request = { code: 'invalid_request', message: expect.stringMatching(/tl|period/) }
    for (const name of ['ttl', 'maxTtl', 'period']) {
      const change = { ...key, ...universal, tokenPolicy: { [name]: time } }
      await expect(host.authMethods.update(change)).rejects.toMatchObject(request)
    }
    await expect(another({ ttl: time as never })).rejects.toMatchObject(request)
  })

  test.each([
    [{ ttl: 7201, maxTtl: 7200 }, 'tokenPolicy.ttl must not be greater than maxTtl'],
    [
      { ttl: 7_776_001, maxTtl: 'unbounded' },
      'tokenPolicy.ttl must be at most 7776000 seconds here',
    ],
    [{ period: 7_776_001 }, 'tokenPolicy.period must be at most 7776000 seconds here'],
  ] as const)('TTL-004 refuses the policy %j', async (tokenPolicy, message) => {
    const { host, key } = await aWorkload()
    const change = host.authMethods.update({ ...key, ...universal, tokenPolicy })
    await expect(change).rejects.toMatchObject({ code: 'invalid_request', message })
  })

  test.each([
    [{}, { ttl: 7200, maxTtl: 7200 }],
    [{ ttl: 600 }, { ttl: 600, maxTtl: 7200 }],
    [{ ttl: 86_400 }, { ttl: 86_400, maxTtl: 86_400 }],
    [{ maxTtl: 600 }, { ttl: 600, maxTtl: 600 }],
    [{ maxTtl: 'unbounded' }, { ttl: 7200, maxTtl: 'unbounded' }],
    [{ period: 900 }, { ttl: 7200, maxTtl: 7200, period: 900 }],
    [
      { ttl: 7_776_000, maxTtl: 'unbounded' },
      { ttl: 7_776_000, maxTtl: 'unbounded' },
    ],
  ] as const)('TTL-004 reads the policy %j as %j', async (tokenPolicy, expected) => {
    const { host, key } = await aWorkload({ tokenPolicy })
    const method = await host.authMethods.get({ ...key, ...universal })
    const { trustedSources, ...lifetimes } = method.tokenPolicy
    expect(lifetimes).toEqual(expected)
    expect(trustedSources.token).toEqual(['0.0.0.0/0', '::/0'])
  })
})

describe('renew() after a change of policy', () => {
  test.each([
    [{ tokenPolicy: { maxTtl: 60, ttl: 60 } }, 'not_renewable'],
    [{ tokenPolicy: { trustedSources: { token: ['10.0.0.0/8'] } } }, 'ip_not_allowed'],
  ])('TTL-015 judges by %j, which came after the login', async (change, reason) => {
    const { host, key, clock, notRenewed } = await loggedIn()
    await host.authMethods.update({ ...key, ...universal, ...change })
    clock.advance(60)
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason })
  })

  test('TTL-015 ends with the method, and with the identity', async () => {
    const { host, key, notRenewed } = await loggedIn()
    await host.authMethods.detach({ ...key, ...universal })
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason: 'method_gone' })
    await host.identities.delete({ organization: key.organization, id: key.identity })
    expect(await notRenewed()).toMatchObject({ code: 'invalid_token', reason: 'identity_gone' })
  })

  test('TTL-015 renews for an identity that lost its role, and gives none of it back', async () => {
    const { host, key, renew, authenticate } = await loggedIn()
    const { organization, identity } = key
    const subject = { identity }
    const { id } = await host.roleBindings.create({ organization, subject, role: 'admin' })
    expect((await authenticate()).can('identity:create')).toBe(true)
    await host.roleBindings.delete({ organization, id })
    const { accessToken } = await renew()
    expect((await authenticate(HOME, accessToken)).can('identity:create')).toBe(false)
  })
})
