import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { askJson } from '../support/ask.ts'
import { aManaged } from '../support/manager.ts'

const UNIVERSAL = '/api/v1/auth/universal-auth'
const TOKEN = '/api/v1/auth/token-auth'

async function anIdentity() {
  const managed = await aManaged()
  const { identity } = await managed.ok('POST', '/api/v1/identities', { name: 'workload' })
  return { ...managed, id: identity.id as string }
}

const EVERYWHERE = [
  { ipAddress: '0.0.0.0', type: 'ipv4', prefix: 0 },
  { ipAddress: '::', type: 'ipv6', prefix: 0 },
]

describe('universal auth', () => {
  test('is attached with our defaults, and shown with the names of the wire', async () => {
    const { ok, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    const attached = await ok('POST', path)
    expect(attached).toEqual({
      identityUniversalAuth: {
        id: expect.stringMatching(/^amt_/),
        identityId: id,
        clientId: id,
        accessTokenTTL: 7200,
        accessTokenMaxTTL: 7200,
        accessTokenNumUsesLimit: 0,
        accessTokenPeriod: 0,
        accessTokenTrustedIps: EVERYWHERE,
        clientSecretTrustedIps: EVERYWHERE,
        lockoutEnabled: true,
        lockoutThreshold: 3,
        lockoutDurationSeconds: 300,
        lockoutCounterResetSeconds: 30,
        createdAt: '2026-03-01T12:00:00.000Z',
        updatedAt: '2026-03-01T12:00:00.000Z',
      },
    })
    expect(await ok('GET', path)).toEqual(attached)
  })

  test('takes what tokens must be bound to, and shows it where there is something', async () => {
    const { ok, call, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    const shown = async (settings: object, verb = 'PATCH') =>
      (await ok(verb, path, settings)).identityUniversalAuth.accessTokenBoundTo
    expect(await shown({ accessTokenBoundTo: 'certificate' }, 'POST')).toBe('certificate')
    expect(await shown({ accessTokenTTL: 60 })).toBe('certificate')
    expect(await shown({ accessTokenBoundTo: 'dpop' })).toBe('dpop')
    expect(await shown({ accessTokenBoundTo: 'nothing' })).toBeUndefined()
    const wrong = await call('PATCH', path, { accessTokenBoundTo: 'both' })
    expect(wrong.status).toBe(400)
  })

  test('0 says the same as nothing where it is attached, and takes a limit away later', async () => {
    const { ok, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    const nothing = {
      accessTokenTTL: 0,
      accessTokenMaxTTL: 0,
      accessTokenNumUsesLimit: 0,
      accessTokenPeriod: 0,
    }
    const attached = await ok('POST', path, nothing)
    expect(attached.identityUniversalAuth).toMatchObject({
      ...nothing,
      accessTokenTTL: 7200,
      accessTokenMaxTTL: 7200,
    })
    const limits = {
      accessTokenNumUsesLimit: 5,
      accessTokenPeriod: 60,
      accessTokenMaxTTL: 1_000_000_000,
    }
    expect((await ok('PATCH', path, limits)).identityUniversalAuth).toMatchObject(limits)
    const freed = await ok('PATCH', path, { accessTokenNumUsesLimit: 0, accessTokenPeriod: 0 })
    expect(freed.identityUniversalAuth).toMatchObject({
      accessTokenNumUsesLimit: 0,
      accessTokenPeriod: 0,
      accessTokenMaxTTL: 1_000_000_000,
    })
  })

  test('a change of one lifetime is judged by the other that stands', async () => {
    const { call, ok, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    await ok('POST', path, { accessTokenTTL: 600, accessTokenMaxTTL: 3600 })
    const changed = await ok('PATCH', path, { accessTokenMaxTTL: 1800 })
    expect(changed.identityUniversalAuth).toMatchObject({
      accessTokenTTL: 600,
      accessTokenMaxTTL: 1800,
    })
    const refused = await call('PATCH', path, { accessTokenMaxTTL: 300 })
    expect(refused.status).toBe(400)
    expect(bodyOf(refused)['message']).toBe(
      'accessTokenTTL must not be greater than accessTokenMaxTTL',
    )
  })

  test('a lockout is switched off and on again', async () => {
    const { ok, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    await ok('POST', path, { lockoutThreshold: 5 })
    expect((await ok('PATCH', path, { lockoutEnabled: true })).identityUniversalAuth).toMatchObject(
      {
        lockoutEnabled: true,
        lockoutThreshold: 5,
      },
    )
    expect(
      (await ok('PATCH', path, { lockoutEnabled: false })).identityUniversalAuth,
    ).toMatchObject({
      lockoutEnabled: false,
    })
    expect((await ok('PATCH', path, { lockoutEnabled: true })).identityUniversalAuth).toMatchObject(
      {
        lockoutEnabled: true,
        lockoutThreshold: 3,
      },
    )
  })

  test('is attached once, and gone once it is revoked', async () => {
    const { call, ok, id } = await anIdentity()
    const path = `${UNIVERSAL}/identities/${id}`
    await ok('POST', path)
    expect((await call('POST', path)).status).toBe(409)
    await ok('DELETE', path)
    expect((await call('GET', path)).status).toBe(404)
  })

  test.each([
    [{ accessTokenTTL: -1 }, 'accessTokenTTL must be at least 0'],
    [{ accessTokenTTL: 1.5 }, 'accessTokenTTL must be a whole number'],
    [{ accessTokenTTL: '600' }, 'accessTokenTTL must be a whole number'],
    [{ accessTokenTTL: 315_360_001 }, 'accessTokenTTL must be at most 315360000'],
    [
      { accessTokenTrustedIps: [] },
      'accessTokenTrustedIps must not be empty; write 0.0.0.0/0 and ::/0 for every address',
    ],
    [
      { accessTokenTrustedIps: [{ ipAddress: '10/8' }] },
      /^accessTokenTrustedIps\[0\] must be an IPv4/,
    ],
    [{ lockoutThreshold: 31 }, 'lockoutThreshold must be at most 30'],
    [{ lockoutDurationSeconds: 29 }, 'lockoutDurationSeconds must be at least 30'],
    [{ lockoutCounterResetSeconds: 4 }, 'lockoutCounterResetSeconds must be at least 5'],
    [{ policy: {} }, 'The input has an unknown member policy'],
  ])('%j is refused with the name that was sent', async (said, message) => {
    const { call, id } = await anIdentity()
    const answer = await call('POST', `${UNIVERSAL}/identities/${id}`, said)
    expect(answer.status).toBe(400)
    expect(bodyOf(answer)['message']).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    )
  })
})

describe('client secrets', () => {
  test('are minted once, log in, are listed without the secret, and are revoked', async () => {
    const { call, ok, id, handler } = await anIdentity()
    await ok('POST', `${UNIVERSAL}/identities/${id}`)
    const path = `${UNIVERSAL}/identities/${id}/client-secrets`
    const minted = await ok('POST', path, { description: 'ci', numUsesLimit: 2, ttl: 60 })
    const { clientSecret, clientSecretData } = minted
    expect(clientSecretData).toMatchObject({
      description: 'ci',
      clientSecretNumUses: 0,
      clientSecretNumUsesLimit: 2,
      clientSecretTTL: 60,
      isClientSecretRevoked: false,
    })
    const logIn = () => askJson(handler, `${UNIVERSAL}/login`, { clientId: id, clientSecret })
    expect((await logIn()).status).toBe(200)
    const listed = await call('GET', path)
    expect(listed.body).not.toContain(clientSecret)
    expect(bodyOf(listed)).toMatchObject({ clientSecretData: [{ clientSecretNumUses: 1 }] })
    const one = `${path}/${clientSecretData.id}`
    expect((await ok('GET', one)).clientSecretData.id).toBe(clientSecretData.id)
    const revoked = await ok('POST', `${one}/revoke`)
    expect(revoked.clientSecretData.isClientSecretRevoked).toBe(true)
    expect((await logIn()).status).toBe(401)
    expect(await ok('GET', path)).toEqual({ clientSecretData: [] })
  })

  test('0 is no limit, in and out', async () => {
    const { ok, id } = await anIdentity()
    await ok('POST', `${UNIVERSAL}/identities/${id}`)
    const minted = await ok('POST', `${UNIVERSAL}/identities/${id}/client-secrets`, {
      numUsesLimit: 0,
      ttl: 0,
    })
    expect(minted.clientSecretData).toMatchObject({
      clientSecretNumUsesLimit: 0,
      clientSecretTTL: 0,
      description: '',
    })
  })

  test('one of another identity is not there', async () => {
    const { call, ok, id, clientId } = await anIdentity()
    await ok('POST', `${UNIVERSAL}/identities/${id}`)
    const minted = await ok('POST', `${UNIVERSAL}/identities/${id}/client-secrets`)
    const foreign = `${UNIVERSAL}/identities/${clientId}/client-secrets/${minted.clientSecretData.id}`
    expect((await call('GET', foreign)).status).toBe(404)
    expect((await call('POST', `${foreign}/revoke`)).status).toBe(404)
  })

  test('locks are cleared, and counted', async () => {
    const { ok, id, handler } = await anIdentity()
    await ok('POST', `${UNIVERSAL}/identities/${id}`)
    for (let attempt = 0; attempt < 3; attempt += 1)
      await askJson(handler, `${UNIVERSAL}/login`, { clientId: id, clientSecret: 'wrong' })
    const shown = await ok('GET', `/api/v1/identities/${id}`)
    expect(shown.identity.identity.activeLockoutAuthMethods).toEqual(['universal-auth'])
    const path = `${UNIVERSAL}/identities/${id}/clear-lockouts`
    expect(await ok('POST', path)).toEqual({ deleted: 1 })
    expect(await ok('POST', path)).toEqual({ deleted: 0 })
  })
})

describe('token auth', () => {
  test('says how its tokens live; each is minted once, renamed, and revoked by its id', async () => {
    const { call, ok, id, handler } = await anIdentity()
    const settings = { accessTokenTTL: 600, accessTokenMaxTTL: 600, accessTokenNumUsesLimit: 9 }
    const attached = await ok('POST', `${TOKEN}/identities/${id}`, settings)
    expect(attached.identityTokenAuth).toMatchObject({ ...settings, accessTokenPeriod: 0 })
    const minted = await ok('POST', `${TOKEN}/identities/${id}/tokens`, { name: 'ci' })
    const { accessToken, tokenData, ...rest } = minted
    expect(rest).toEqual({ expiresIn: 600, accessTokenMaxTTL: 600, tokenType: 'Bearer' })
    expect(tokenData).toMatchObject({
      name: 'ci',
      authMethod: 'token-auth',
      accessTokenNumUsesLimit: 9,
    })
    const details = await handler.handle(
      new Request('https://host.example/api/v1/identities/details', {
        headers: { authorization: `Bearer ${accessToken}` },
      }),
      { address: '192.0.2.1' },
    )
    expect(details?.status).toBe(200)
    const path = `${TOKEN}/tokens/${tokenData.id}`
    expect((await ok('PATCH', path, { name: 'deploy' })).token.name).toBe('deploy')
    expect((await ok('PATCH', path, {})).token.name).toBe('deploy')
    const old = `${TOKEN}/identities/${id}/tokens/${tokenData.id}`
    expect((await ok('GET', old)).token).toMatchObject({ name: 'deploy' })
    await ok('POST', `${path}/revoke`)
    expect((await ok('GET', path)).token.isAccessTokenRevoked).toBe(true)
    const { tokens } = await ok('GET', `${TOKEN}/identities/${id}/tokens?limit=1`)
    expect(tokens).toHaveLength(1)
    expect((await call('GET', `${TOKEN}/tokens/stk_x`)).status).toBe(404)
  })

  test('has no lockout and no period to set', async () => {
    const { call, id, handler } = await anIdentity()
    for (const said of [{ lockoutEnabled: true }, { accessTokenPeriod: 60 }])
      expect((await call('POST', `${TOKEN}/identities/${id}`, said)).status).toBe(400)
    expect(handler.owns('POST', `${TOKEN}/identities/${id}/clear-lockouts`)).toBe(false)
  })
})
