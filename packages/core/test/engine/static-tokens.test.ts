import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import { at } from '../support/clock.ts'
import { anEngine } from '../support/engine.ts'
import { aBearer } from '../support/static-token.ts'
import { anIdentity } from '../support/workload.ts'

describe('staticTokens.create()', () => {
  test('KEY-007 hands the token out once, and shows it nowhere else', async () => {
    const { token, host, key, storage, recorded } = await aBearer()
    expect(token.staticToken).toMatch(/^cst_st_[0-9A-Za-z]{49}$/)
    const owner = { organization: key.organization, identity: token.identity }
    const shown = [
      token,
      { ...token },
      await host.staticTokens.get(key),
      await host.staticTokens.list(owner),
      await storage.staticTokens.find(key.organization, key.id),
      await recorded(),
    ]
    const text = `${JSON.stringify(shown)}${inspect(shown, { depth: null, showHidden: true })}`
    expect(text).not.toContain(token.staticToken)
  })

  test('gives a token 30 days where nothing is said, and no end only by name', async () => {
    const { token, another } = await aBearer()
    expect(token.expiresAt).toEqual(at(days(30)))
    expect((await another({ ttl: 60 })).expiresAt).toEqual(at(60))
    expect((await another({ expiresAt: at(90) })).expiresAt).toEqual(at(90))
    expect('expiresAt' in (await another({ expires: 'never' }))).toBe(false)
  })

  test('keeps name, uses and sources', async () => {
    const wanted = { name: 'deploy', maxUses: 3, trustedSources: ['192.0.2.1', '2001:DB8::/32'] }
    const { another, host } = await aBearer()
    const { organization, id } = await another(wanted)
    expect(await host.staticTokens.get({ organization, id })).toEqual({
      id,
      organization,
      identity: expect.stringMatching(/^idn_/),
      authMethod: expect.stringMatching(/^amt_/),
      name: 'deploy',
      maxUses: 3,
      uses: 0,
      trustedSources: ['192.0.2.1', '2001:db8::/32'],
      createdAt: at(0),
      expiresAt: at(days(30)),
    })
  })

  test.each([
    [{ ttl: 60, expiresAt: at(60) }, 'expiresAt must be left out where ttl is given'],
    [{ ttl: 60, expires: 'never' }, 'expires must be left out where ttl or expiresAt is given'],
    [{ expires: 'soon' }, "expires must be 'never', or left out"],
    [{ ttl: 0 }, 'ttl must be at least 1 second'],
    [{ expiresAt: at(0) }, 'expiresAt must lie in the future'],
    [{ maxUses: 0 }, 'maxUses must be at least 1; leave it out for no limit'],
    [{ trustedSources: [] }, /^trustedSources must not be empty/],
    [{ name: '' }, /^name must be 1 to 256 printable characters/],
    [{ staticToken: 'mine' }, 'The input has an unknown member staticToken'],
  ])('refuses %j', async (given, message) => {
    const { another } = await aBearer()
    await expect(another(given as never)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    })
  })

  test('refuses an identity that has no token auth, or is not there', async () => {
    const engine = anEngine()
    const { organization, id: identity } = await anIdentity(engine)
    const wanted = { organization, identity, name: 'build' }
    await expect(engine.host.staticTokens.create(wanted)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'identity must have token auth before it has static tokens',
    })
    const unknown = { ...wanted, identity: 'idn_unknown' }
    await expect(engine.host.staticTokens.create(unknown)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('begins with the prefix of the engine', async () => {
    const { token, authenticate } = await aBearer({ engine: anEngine({ prefix: 'acme' }) })
    expect(token.staticToken).toMatch(/^acme_st_/)
    await expect(authenticate()).resolves.toMatchObject({ method: 'token' })
  })
})

describe('staticTokens', () => {
  test('lists the tokens of one identity, by id or by name, with why they ended', async () => {
    const { another, host, clock, identity, key } = await aBearer({ token: { name: 'b', ttl: 60 } })
    clock.advance(60)
    await another({ name: 'a' })
    const owner = { organization: key.organization, identity: identity.id }
    const { items } = await host.staticTokens.list({ ...owner, order: 'name' })
    expect(items.map(({ name, ended }) => [name, ended])).toEqual([
      ['a', undefined],
      ['b', 'token_expired'],
    ])
    const first = await host.staticTokens.list({ ...owner, limit: 1 })
    const second = await host.staticTokens.list({ ...owner, limit: 1, cursor: first.cursor })
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test('update() changes the name alone', async () => {
    const { host, key, token, recorded, authenticate } = await aBearer()
    const renamed = await host.staticTokens.update({ ...key, name: 'deploy' })
    expect(renamed).toEqual({ ...token, name: 'deploy' })
    await expect(authenticate()).resolves.toBeDefined()
    expect((await recorded()).at(-1)).toMatchObject({
      type: 'static_token.updated',
      target: { kind: 'static_token', id: key.id },
    })
    const wanted = { ...key, maxUses: 9 }
    await expect(host.staticTokens.update(wanted as never)).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })

  test('revoke() ends a token at once and for good, and says why', async () => {
    const { host, key, authenticate, denied, recorded } = await aBearer()
    await authenticate()
    const revoked = await host.staticTokens.revoke({ ...key, reason: 'leaked' })
    expect(revoked).toMatchObject({ ended: 'token_revoked', revoked: { reason: 'leaked' } })
    expect((await denied()).reason).toBe('token_revoked')
    const again = await host.staticTokens.revoke({ ...key, reason: 'again' })
    expect(again.revoked).toMatchObject({ reason: 'leaked', by: { kind: 'host', label: 'test' } })
    const events = (await recorded()).filter(({ type }) => type === 'static_token.revoked')
    expect(events.map(({ reason }) => reason)).toEqual(['leaked'])
  })

  test('delete() takes a token away at once', async () => {
    const { host, key, authenticate, denied } = await aBearer()
    await authenticate()
    await host.staticTokens.delete(key)
    expect((await denied(undefined, undefined, 'reported')).reason).toBe('unknown_token')
    await expect(host.staticTokens.get(key)).rejects.toMatchObject({ code: 'not_found' })
    await expect(host.staticTokens.delete(key)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('TTL-018 answers not_found for the token of another organization, and leaves it alone', async () => {
    const { host, key, authenticate, storage, token } = await aBearer()
    await host.organizations.create({ id: 'rival', name: 'Rival' })
    const foreign = { organization: 'rival', id: key.id }
    for (const attempt of [
      () => host.staticTokens.get(foreign),
      () => host.staticTokens.revoke(foreign),
      () => host.staticTokens.delete(foreign),
      () => host.staticTokens.update({ ...foreign, name: 'mine' }),
      () => host.clientSecrets.revoke({ organization: key.organization, id: key.id }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
    expect(await storage.staticTokens.find(key.organization, key.id)).toEqual({ ...token })
    await expect(authenticate()).resolves.toBeDefined()
  })

  test('a principal without a role manages none, and learns nothing', async () => {
    const { countersign, key } = await aBearer()
    const { organization } = key
    const { staticTokens } = countersign.as(countersign.principalFor({ user: 'u', organization }))
    await expect(staticTokens.get(key)).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(staticTokens.revoke(key)).rejects.toMatchObject({ code: 'permission_denied' })
  })

  test('stay listed for 30 days after their end, and are swept then', async () => {
    const { host, key, clock, countersign } = await aBearer({ token: { ttl: 60 } })
    clock.advance(60 + days(30) - 1)
    await countersign.maintain()
    await expect(host.staticTokens.get(key)).resolves.toMatchObject({ ended: 'token_expired' })
    clock.advance(1)
    await countersign.maintain()
    await expect(host.staticTokens.get(key)).rejects.toMatchObject({ code: 'not_found' })
  })
})
