import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import { anEngine, ISSUER, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { expectNoSecret } from '../support/refusal.ts'
import { aSigner } from '../support/signer.ts'
import { createOutage, withLogins } from '../support/storage.ts'
import { readToken } from '../support/token.ts'
import type { LoggedIn } from '../support/workload.ts'
import { aWorkload, ELSEWHERE, HOME, loggedIn, loginAs, WRONG } from '../support/workload.ts'

const iat = Date.parse('2026-03-01T12:00:00Z') / 1000

/** Checks a token as another service would: with the published keys and nothing else of ours. */
async function verifyElsewhere({ countersign, clock }: LoggedIn, token: string) {
  const { keys } = await countersign.jwks()
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys as never }), {
    issuer: ISSUER,
    audience: ISSUER,
    algorithms: ['EdDSA'],
    typ: 'at+jwt',
    currentDate: clock.now(),
  })
  return payload
}

describe('login()', () => {
  test('grants a token for two hours, and says what it granted', async () => {
    const { grant, identity, accessToken } = await loggedIn()
    expect({ ...grant }).toEqual({
      tokenType: 'Bearer',
      expiresIn: 7200,
      expiresAt: new Date('2026-03-01T14:00:00Z'),
      maxTtl: 7200,
      organization: 'acme',
      identity: identity.id,
      session: readToken(accessToken).claims['sid'],
    })
  })

  test('issues a token with exactly our claims, which jose accepts by our key set', async () => {
    const login = await loggedIn()
    const { identity, secret, accessToken, grant, host, key } = login
    const { id: amid } = await host.authMethods.get({ ...key, method: 'universal' })
    expect(decodeProtectedHeader(accessToken)).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(await verifyElsewhere(login, accessToken)).toEqual({
      iss: ISSUER,
      aud: ISSUER,
      sub: identity.id,
      client_id: identity.id,
      iat,
      exp: iat + 7200,
      jti: expect.stringMatching(/^[0-9A-Za-z]{22}$/),
      auth_time: iat,
      sid: grant.session,
      org: 'acme',
      amr: ['universal'],
      amid,
      gen: 1,
      epo: 0,
      max: iat + 7200,
      csid: secret.id,
    })
  })

  test('states a limit of uses, and leaves out a last expiry that there is none of', async () => {
    const { accessToken } = await loggedIn({ tokenPolicy: { maxUses: 3, maxTtl: 'unbounded' } })
    const { claims } = readToken(accessToken)
    expect(claims['lim']).toBe(3)
    expect(claims).not.toHaveProperty('max')
  })

  test('never promises more than it has when the clock stands between two seconds', async () => {
    const workload = await aWorkload({ tokenPolicy: { ttl: 60 } })
    workload.clock.advance(0.999)
    const { accessToken, expiresAt } = await workload.login()
    expect(readToken(accessToken).claims).toMatchObject({ iat, exp: iat + 60, auth_time: iat })
    expect(expiresAt).toEqual(new Date('2026-03-01T12:01:00Z'))
  })

  test('cuts a lifetime to the ceiling of the deployment', async () => {
    const patient = await aWorkload({ tokenPolicy: { ttl: days(30), maxTtl: 'unbounded' } })
    const strict = anEngine({ beside: patient, maxTokenAge: 3600 })
    const grant = await loginAs(strict, patient.identity.id, patient.secret.clientSecret)
    expect(grant).toMatchObject({ expiresIn: 3600, maxTtl: 'unbounded' })
  })

  test('lets a host add claims, and replace none of ours', async () => {
    const workload = await aWorkload()
    const { clientSecret } = workload.secret
    const taken = ['sub', 'exp', 'org', 'csid', 'lim', 'max', 'cnf', 'prm', 'gen', 'sid']
    const grant = await workload.countersign.login(
      { method: 'universal', identity: workload.identity.id, credential: { clientSecret } },
      HOME,
      {
        claims: ({ name, organization, method }) => ({
          ...Object.fromEntries(taken.map((claim) => [claim, 'theirs'])),
          dialect: `${name} of ${organization} by ${method}`,
        }),
      },
    )
    const { claims } = readToken(grant.accessToken)
    expect(claims['dialect']).toBe('deployer of acme by universal')
    expect(Object.values(claims)).not.toContain('theirs')
    await expect(workload.countersign.authenticate(grant.accessToken, HOME)).resolves.toMatchObject(
      { name: 'deployer' },
    )
  })

  test('accepts a secret under every root key that is present', async () => {
    const old = await aWorkload()
    const rotated = anEngine({ beside: old, rootKeys: [OTHER_ROOT_KEY, ROOT_KEY] })
    const { id } = old.identity
    const grant = await loginAs(rotated, id, old.secret.clientSecret)
    expect(grant.identity).toBe(id)
  })

  test('refuses an address outside the allow-list, an unknown one too', async () => {
    const credential = ['192.0.2.0/24', '2001:db8::/32']
    const { login, refused, secret } = await aWorkload({
      tokenPolicy: { trustedSources: { credential } },
    })
    for (const address of ['192.0.2.200', '::ffff:192.0.2.7', '2001:db8::7'])
      await expect(login({ address })).resolves.toBeDefined()
    for (const source of [ELSEWHERE, {}, { address: '192.0.2.1, 203.0.113.9' }]) {
      const error = await refused(source, secret.clientSecret).catch(String)
      expect(error).toMatchObject({ reason: expect.stringMatching(/ip_not_allowed/) })
    }
  })

  test('settles a grant, its use and its event in one call, and reads once before', async () => {
    const { calls, login } = await aWorkload({ secret: { maxUses: 5 } })
    await login()
    calls.forget()
    await login()
    expect(calls.verbs()).toEqual(['logins.find', 'logins.grant'])
  })

  test('settles a refusal, its strike and its event in one call', async () => {
    const { calls, login } = await aWorkload()
    calls.forget()
    await expect(login(HOME, WRONG)).rejects.toThrow()
    expect(calls.verbs()).toEqual(['logins.find', 'logins.strike'])
  })

  test.each([
    ['the read', 'logins.find'],
    ['the grant', 'logins.grant'],
  ])('is unavailable when the authority fails at %s, and grants nothing', async (_, verb) => {
    const outage = createOutage()
    const workload = await aWorkload({ engine: anEngine({ around: outage.around }) })
    outage.begin(verb)
    await expect(workload.login()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
    outage.end()
    expect((await workload.recorded()).filter(({ type }) => type.startsWith('login'))).toEqual([])
  })

  test('is unavailable when a strike cannot be written: the refusal did not happen', async () => {
    const outage = createOutage()
    const workload = await aWorkload({ engine: anEngine({ around: outage.around }) })
    outage.begin('logins.strike')
    await expect(workload.login(HOME, WRONG)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('hands nothing out when its commit got lost, and has counted the use', async () => {
    let lost = true
    const engine = anEngine({
      around: (storage) =>
        withLogins(storage, ({ grant }) => ({
          async grant(...values) {
            const refusal = await grant(...values)
            if (lost) throw new Error('connection reset')
            return refusal
          },
        })),
    })
    const workload = await aWorkload({ engine, secret: { maxUses: 1 } })
    await expect(workload.login()).rejects.toMatchObject({ code: 'unavailable' })
    lost = false
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'secret_exhausted' })
  })

  test('is unavailable when the key of the host cannot sign', async () => {
    const sign = async () => {
      throw new Error('KMS is away')
    }
    const workload = await aWorkload({ engine: anEngine({ signer: { ...aSigner(), sign } }) })
    await expect(workload.login()).rejects.toMatchObject({ code: 'unavailable' })
    expect(workload.calls.count('logins.grant')).toBe(0)
  })

  test('shows no credential in what it answers', async () => {
    const login = await loggedIn()
    expectNoSecret(login, [
      login.grant,
      login.secret,
      { ...login.grant },
      await login.authenticate(),
    ])
    expect(login.grant.accessToken).toMatch(/^eyJ/)
    expect(login.secret.clientSecret).toMatch(/^cst_cs_/)
  })
})
