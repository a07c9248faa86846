import { describe, expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { aWorkload, loggedIn } from '../support/workload.ts'

const organization = 'acme'
const universal = { method: 'universal' } as const

describe('organizations', () => {
  test('take the id of the host, or get one of ours', async () => {
    const { host } = anEngine()
    expect(await host.organizations.create({ id: '42', name: 'Acme' })).toMatchObject({
      id: '42',
      name: 'Acme',
      revision: 1,
    })
    const minted = await host.organizations.create({ name: 'Acme' })
    expect(minted.id).toMatch(/^org_[0-9a-z]{26}$/)
    await expect(host.organizations.create({ id: '42', name: 'x' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test.each(['', 'a b', '../x', 'a..b', '-a', 'a/b', 'ä', 'a'.repeat(129), 42])(
    'refuse the id %j',
    async (id) => {
      const { organizations } = anEngine().host
      for (const verb of ['create', 'ensure'] as const)
        await expect(organizations[verb]({ id, name: 'x' } as never)).rejects.toMatchObject({
          code: 'invalid_request',
          message: expect.stringMatching(/^id must be/),
        })
    },
  )

  test('are made once by ensure(), however many call at once', async () => {
    const { host, recorded } = anEngine()
    const outcomes = await flood(10, () => host.organizations.ensure({ id: 'acme', name: 'Acme' }))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'))
    expect((await recorded()).length).toBe(1)
  })

  test('are changed on the revision that was read', async () => {
    const { host } = anEngine()
    const { id } = await host.organizations.create({ name: 'Acme' })
    const updated = await host.organizations.update({ id, revision: 1, name: 'Acme 2' })
    expect(updated).toMatchObject({ name: 'Acme 2', revision: 2 })
    await expect(
      host.organizations.update({ id, revision: 1, name: 'late' }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  test('take everything along when they are deleted, and leave the trail', async () => {
    const { host, key, secret, denied, recorded, clock, countersign } = await loggedIn()
    await host.projects.create({ organization, id: 'web', name: 'Web' })
    const before = (await recorded()).length
    await host.organizations.delete({ id: organization })
    await host.organizations.create({ id: organization, name: 'Acme again' })
    expect((await host.projects.list({ organization })).items).toEqual([])
    expect((await host.identities.list({ organization })).items).toEqual([])
    expect(await host.lockouts.list({ organization })).toEqual([])
    for (const attempt of [
      host.identities.get({ organization, id: key.identity }),
      host.clientSecrets.get({ organization, id: secret.id }),
      host.projects.get({ organization, id: 'web' }),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not_found' })
    expect((await denied()).reason).toBe('identity_gone')
    clock.advance(1)
    await countersign.maintain()
    expect((await recorded()).length).toBe(before + 3)
  })
})

describe('projects', () => {
  test('have an id that is unique within their organization alone', async () => {
    const { host } = anEngine()
    for (const id of ['acme', 'other']) await host.organizations.create({ id, name: id })
    await host.projects.create({ organization: 'acme', id: 'web', name: 'Web' })
    await host.projects.create({ organization: 'other', id: 'web', name: 'Theirs' })
    await expect(
      host.projects.create({ organization: 'acme', id: 'web', name: 'x' }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect(await host.projects.get({ organization: 'acme', id: 'web' })).toMatchObject({
      name: 'Web',
    })
    await host.projects.delete({ organization: 'other', id: 'web' })
    expect((await host.projects.list({ organization: 'acme' })).items).toHaveLength(1)
  })

  test('are ensured, changed, deleted, and not found afterwards', async () => {
    const { host, recorded } = anEngine()
    await host.organizations.create({ id: organization, name: 'Acme' })
    const key = { organization, id: 'web' }
    await host.projects.ensure({ ...key, name: 'Web' })
    expect(await host.projects.ensure({ ...key, name: 'x' })).toMatchObject({ name: 'Web' })
    await host.projects.update({ ...key, revision: 1, name: 'Web 2' })
    await host.projects.delete(key)
    await expect(host.projects.update({ ...key, name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such project',
    })
    expect((await recorded()).slice(1).map(({ type }) => type)).toEqual([
      'project.created',
      'project.updated',
      'project.deleted',
    ])
  })
})

describe('auth methods', () => {
  test('stand once for each identity', async () => {
    const { host, key } = await aWorkload()
    await expect(host.authMethods.attach({ ...key, ...universal })).rejects.toMatchObject({
      code: 'conflict',
      message: 'The identity has this auth method already',
    })
    expect((await host.authMethods.list(key)).items).toMatchObject([universal])
  })

  test('get the defaults of the house', async () => {
    const { host, key } = await aWorkload()
    expect(await host.authMethods.get({ ...key, ...universal })).toMatchObject({
      id: expect.stringMatching(/^amt_/),
      policy: {},
      tokenPolicy: { ttl: 7200, maxTtl: 7200 },
      lockout: { threshold: 3, window: 30, duration: 300, scope: 'source' },
      revision: 1,
    })
  })

  test('keep what a change leaves out, and lose what it names', async () => {
    const tokenPolicy = { maxUses: 3, period: 60, trustedSources: { token: ['10.1.2.3/8'] } }
    const { host, key } = await aWorkload({ tokenPolicy, lockout: { threshold: 5 } })
    const method = { ...key, ...universal }
    await host.authMethods.update({ ...method, tokenPolicy: { ttl: 60 } })
    expect(await host.authMethods.get(method)).toMatchObject({
      tokenPolicy: {
        ttl: 60,
        maxUses: 3,
        period: 60,
        trustedSources: { token: ['10.0.0.0/8'], credential: ['0.0.0.0/0', '::/0'] },
      },
      lockout: { threshold: 5, window: 30 },
    })
    const lifted = { maxUses: 'unlimited', period: 'none' } as const
    await host.authMethods.update({ ...method, tokenPolicy: lifted, lockout: 'off' })
    const updated = await host.authMethods.get(method)
    expect(updated.lockout).toBe('off')
    expect(Object.keys(updated.tokenPolicy).sort()).toEqual(['maxTtl', 'trustedSources', 'ttl'])
    await host.authMethods.update({ ...method, tokenPolicy: { ttl: 30 } })
    expect((await host.authMethods.get(method)).lockout).toBe('off')
  })

  test.each([
    [{ trustedSources: { token: [] } }, /^tokenPolicy.trustedSources.token must not be empty/],
    [{ trustedSources: { token: ['10.0.0.256'] } }, /token\[0\] must be an IPv4 or IPv6 address/],
    [
      { trustedSources: { credential: Array(1001).fill('10.0.0.0/8') } },
      'tokenPolicy.trustedSources.credential must have at most 1000 entries',
    ],
    [{ trustedSources: { client: ['10.0.0.0/8'] } }, /has an unknown member client$/],
    [{ numUses: 1 }, 'tokenPolicy has an unknown member numUses'],
    ['none', /^tokenPolicy must be an object/],
  ])('ESC-008 refuse the token policy %j', async (tokenPolicy, message) => {
    const { host, key } = await aWorkload()
    const change = { ...key, ...universal, tokenPolicy } as never
    const error = await host.authMethods.update(change).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'invalid_request' })
    expect((error as Error).message).toMatch(message)
  })

  test.each([
    { threshold: 0 },
    { threshold: 31 },
    { window: 4 },
    { duration: 29 },
    { duration: 86_401 },
    { scope: 'everyone' },
    { enabled: false },
    'on',
    null,
  ])('refuse the lockout %j', async (lockout) => {
    const { host, key } = await aWorkload()
    const change = host.authMethods.update({ ...key, ...universal, lockout } as never)
    await expect(change).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/^lockout/),
    })
  })

  test('are changed on the revision that was read', async () => {
    const { host, key } = await aWorkload()
    const method = { ...key, ...universal }
    await host.authMethods.update({ ...method, revision: 1, lockout: 'off' })
    await expect(
      host.authMethods.update({ ...method, revision: 1, lockout: {} }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })
})
