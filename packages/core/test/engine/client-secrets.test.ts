import { describe, expect, test } from 'vitest'
import { at } from '../support/clock.ts'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

describe('clientSecrets.create()', () => {
  test('hands the secret out once, and stores what cannot open anything', async () => {
    const { another, host, storage } = await aWorkload()
    const made = await another({ description: 'CI', ttl: 60, maxUses: 3 })
    expect(made.clientSecret).toMatch(/^cst_cs_[0-9A-Za-z]{49}$/)
    const { organization, id } = made
    const shown = await host.clientSecrets.get({ organization, id })
    expect(shown).toMatchObject({ description: 'CI', expiresAt: at(60), maxUses: 3, uses: 0 })
    const stored = await storage.clientSecrets.find(organization, id)
    expect(JSON.stringify([made, shown, stored])).not.toContain(made.clientSecret)
    expect('clientSecret' in shown).toBe(false)
  })

  test('makes any number of secrets, all different', async () => {
    const { another, login } = await aWorkload()
    const made = await flood(30, () => another())
    const texts = made.map((one) => (one.status === 'fulfilled' ? one.value.clientSecret : ''))
    expect(new Set(texts).size).toBe(30)
    for (const text of texts) await expect(login(HOME, text)).resolves.toBeDefined()
  })

  test.each([
    [{ ttl: 60, expiresAt: at(60) }, 'expiresAt must be left out where ttl is given'],
    [{ expiresAt: at(0) }, 'expiresAt must lie in the future'],
    [{ expiresAt: at(-1) }, 'expiresAt must lie in the future'],
    [{ expiresAt: '2027-01-01' }, 'expiresAt must be a Date'],
    [{ expiresAt: new Date('2100-01-02') }, 'expiresAt must lie in this century'],
    [{ expiresAt: new Date(Number.NaN) }, 'expiresAt must be a Date'],
    [{ ttl: 315_360_001 }, 'ttl must be at most 315360000 seconds'],
    [{ description: 'x'.repeat(1025) }, 'description must be at most 1024 characters'],
    [{ clientSecret: 'mine' }, 'The input has an unknown member clientSecret'],
  ])('ESC-008 refuses %j', async (given, message) => {
    const { another } = await aWorkload()
    await expect(another(given as never)).rejects.toMatchObject({
      code: 'invalid_request',
      message,
    })
  })

  test('refuses an identity that has no universal auth', async () => {
    const { host } = anEngine()
    await host.organizations.create({ id: 'acme', name: 'Acme' })
    const { identity } = await host.identities.create({ organization: 'acme', name: 'x' })
    const wanted = { organization: 'acme', identity: identity.id }
    await expect(host.clientSecrets.create(wanted)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'identity must have universal auth before it has client secrets',
    })
  })
})

describe('clientSecrets.list()', () => {
  test('shows why each secret opens nothing any more', async () => {
    const { another, login, host, key, clock, secret } = await aWorkload()
    const [spent, expired, revoked] = [
      await another({ maxUses: 1 }),
      await another({ ttl: 60 }),
      await another(),
    ]
    await login(HOME, spent.clientSecret)
    await host.clientSecrets.revoke({ organization: 'acme', id: revoked.id, reason: 'leaked' })
    clock.advance(60)
    const { items } = await host.clientSecrets.list(key)
    const endOf = ({ id }: { readonly id: string }) => items.find((item) => item.id === id)?.ended
    expect([secret, spent, expired, revoked].map(endOf)).toEqual([
      undefined,
      'secret_exhausted',
      'secret_expired',
      'secret_revoked',
    ])
    expect(items.find(({ id }) => id === revoked.id)?.revoked).toEqual({
      at: at(0),
      reason: 'leaked',
      by: { kind: 'host', label: 'test' },
    })
  })
})

describe('clientSecrets.revoke() and delete()', () => {
  test.each(['revoke', 'delete'] as const)(
    '%s() ends the tokens that the secret opened',
    async (verb) => {
      const { host, secret, another, login, denied, authenticate } = await loggedIn()
      const other = await login(HOME, (await another()).clientSecret)
      const { organization, id } = secret
      await authenticate()
      await host.clientSecrets[verb]({ organization, id })
      expect(await denied()).toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
      await expect(authenticate(HOME, other.accessToken)).resolves.toBeDefined()
    },
  )

  test.each(['revoke', 'delete'] as const)(
    '%s() with keepTokens lets them live, and renew',
    async (verb) => {
      const { host, secret, refused, renew, authenticate } = await loggedIn()
      const { organization, id } = secret
      await host.clientSecrets[verb]({ organization, id, keepTokens: true })
      await expect(authenticate()).resolves.toBeDefined()
      const { accessToken } = await renew()
      await expect(authenticate(HOME, accessToken)).resolves.toBeDefined()
      expect((await refused(HOME, secret.clientSecret)).code).toBe('invalid_credential')
    },
  )

  test('expiry and exhaustion of a secret end no token', async () => {
    const { authenticate, clock, refused, secret } = await loggedIn({
      secret: { ttl: 60, maxUses: 1 },
    })
    clock.advance(60)
    await expect(authenticate()).resolves.toBeDefined()
    expect((await refused(HOME, secret.clientSecret)).reason).toBe('secret_expired')
  })

  test('revoke() again changes nothing, and writes nothing', async () => {
    const { host, secret, recorded, clock } = await aWorkload()
    const { organization, id } = secret
    const first = await host.clientSecrets.revoke({ organization, id, reason: 'first' })
    const before = (await recorded()).length
    clock.advance(60)
    const again = await host.clientSecrets.revoke({ organization, id, reason: 'second' })
    expect(again).toEqual(first)
    expect((await recorded()).length).toBe(before)
  })

  test('answer not_found for a secret of another organization', async () => {
    const { host, secret, login } = await aWorkload()
    await host.organizations.create({ id: 'other', name: 'Other' })
    for (const verb of ['get', 'revoke', 'delete'] as const)
      await expect(
        host.clientSecrets[verb]({ organization: 'other', id: secret.id }),
      ).rejects.toMatchObject({ code: 'not_found', message: 'There is no such client secret' })
    await expect(login()).resolves.toBeDefined()
  })

  test('write who did it and why', async () => {
    const { host, secret, recorded } = await aWorkload()
    const { organization, id } = secret
    await host.clientSecrets.revoke({ organization, id, reason: 'leaked' })
    await host.clientSecrets.delete({ organization, id })
    expect((await recorded()).slice(-3)).toMatchObject([
      { type: 'client_secret.created', target: { kind: 'client_secret', id } },
      { type: 'client_secret.revoked', reason: 'leaked', actor: { kind: 'host', label: 'test' } },
      { type: 'client_secret.deleted', target: { id } },
    ])
  })
})
