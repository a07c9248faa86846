import { describe, expect, test } from 'vitest'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { aWorkload, loggedIn } from '../support/workload.ts'

const organization = 'acme'

async function anAcme(): Promise<TestEngine> {
  const engine = anEngine()
  await engine.host.organizations.create({ id: organization, name: 'Acme' })
  return engine
}

const typesIn = async ({ recorded }: TestEngine) => (await recorded()).map(({ type }) => type)

describe('identities.create()', () => {
  test('makes the identity, its role and its auth method in one step, with their events', async () => {
    const engine = await anAcme()
    const { identity, roleBinding, authMethod } = await engine.host.identities.create({
      organization,
      name: 'Deployer',
      slug: 'deployer',
      metadata: { team: 'blue' },
      owner: 'u_42',
      role: 'viewer',
      authMethod: { method: 'universal', tokenPolicy: { ttl: 60 } },
    })
    expect(identity).toMatchObject({
      id: expect.stringMatching(/^idn_[0-9a-z]{26}$/),
      name: 'Deployer',
      slug: 'deployer',
      metadata: { team: 'blue' },
      owner: 'u_42',
      disabled: false,
      deleteProtection: false,
      createdBy: { kind: 'host', label: 'test' },
      generation: 1,
      revision: 1,
    })
    expect(roleBinding).toMatchObject({
      subject: { kind: 'identity', id: identity.id },
      role: 'viewer',
    })
    expect(authMethod).toMatchObject({ identity: identity.id, tokenPolicy: { ttl: 60 } })
    expect((await typesIn(engine)).slice(1)).toEqual([
      'identity.created',
      'role_binding.created',
      'auth_method.attached',
    ])
  })

  test('makes nothing of all that where one part is refused', async () => {
    const engine = await anAcme()
    const before = await typesIn(engine)
    const wanted = { organization, name: 'x', authMethod: { method: 'universal' } } as const
    const { create } = engine.host.identities
    await expect(
      create({
        ...wanted,
        authMethod: { ...wanted.authMethod, tokenPolicy: { ttl: 9, maxTtl: 1 } },
      }),
    ).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(create({ ...wanted, role: 'owner' })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'role must be one that is there for organizations',
    })
    await expect(create({ ...wanted, organization: 'other' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no such organization',
    })
    expect((await engine.host.identities.list({ organization })).items).toEqual([])
    expect(await typesIn(engine)).toEqual(before)
  })

  test('gives a slug to one of many at once, and to another organization as well', async () => {
    const { host } = await anAcme()
    const wanted = { organization, name: 'x', slug: 'deployer' }
    const outcomes = await flood(20, () => host.identities.create(wanted))
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('conflict')
    await host.organizations.create({ id: 'other', name: 'Other' })
    await expect(
      host.identities.create({ ...wanted, organization: 'other' }),
    ).resolves.toBeDefined()
  })

  test.each([
    [{ name: '' }, /^name must be 1 to 256/],
    [{ name: ' x' }, /^name must be/],
    [{ name: 'a\u202Eb' }, /^name must be/],
    [{ name: undefined }, 'name is required'],
    [{ slug: 'Upper' }, 'slug must be 1 to 64 characters out of a-z 0-9 -'],
    [{ metadata: { a: 1 } }, /^metadata.a must/],
    [{ metadata: { a: 'x'.repeat(1021) } }, 'metadata.a must be at most 1020 characters'],
    [{ metadata: entries(65) }, 'metadata must have at most 64 entries'],
    [{ metadata: { '': 'x' } }, /^metadata/],
    [{ disabled: 'yes' }, 'disabled must be true or false'],
    [{ authMethod: { method: 'oidc' } }, 'method is not one that this engine was built with'],
    [
      { authMethod: { method: 'universal', policy: { a: 1 } } },
      'The input has an unknown member a',
    ],
    [{ authMethod: { method: 'universal', ttl: 1 } }, 'authMethod has an unknown member ttl'],
    [{ admin: true }, 'The input has an unknown member admin'],
    [{ id: 'idn_mine' }, 'The input has an unknown member id'],
    [{ generation: 0 }, 'The input has an unknown member generation'],
  ])('ESC-008 refuses %j, naming what is wrong', async (change, message) => {
    const { host } = await anAcme()
    const wanted = { organization, name: 'x', ...change } as never
    const error = await host.identities.create(wanted).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'invalid_request' })
    expect((error as Error).message).toMatch(message)
  })

  test('takes 64 entries of 1,020 characters', async () => {
    const { host } = await anAcme()
    const { identity } = await host.identities.create({
      organization,
      name: 'x',
      metadata: entries(64),
    })
    expect(Object.keys(identity.metadata).length).toBe(64)
  })
})

describe('management', () => {
  test("ESC-008 sets nothing that is not the caller's to set", async () => {
    const { host, key, identity } = await aWorkload()
    const before = await host.identities.get({ organization, id: identity.id })
    const extras = { orgId: 'other', isAdmin: true, createdAt: new Date(0), uses: 0 }
    for (const [name, value] of Object.entries({
      ...extras,
      revokedAt: null,
      permissions: ['*'],
    })) {
      const extra = { [name]: value }
      const method = { ...key, method: 'universal', ...extra } as const
      for (const attempt of [
        () => host.organizations.create({ name: 'x', ...extra }),
        () => host.projects.create({ organization, name: 'x', ...extra }),
        () => host.identities.create({ organization, name: 'x', ...extra }),
        () => host.identities.update({ organization, id: identity.id, ...extra }),
        () => host.authMethods.update(method),
        () => host.clientSecrets.create({ ...key, ...extra }),
        () => host.lockouts.clear({ ...key, ...extra }),
      ])
        await expect(attempt()).rejects.toMatchObject({
          code: 'invalid_request',
          message: `The input has an unknown member ${name}`,
        })
    }
    expect(await host.identities.get({ organization, id: identity.id })).toEqual(before)
  })
})

describe('identities.ensure()', () => {
  test('makes one, and answers it as it stands from then on', async () => {
    const engine = await anAcme()
    const wanted = { organization, slug: 'deployer', name: 'Deployer' }
    const outcomes = await flood(10, () => engine.host.identities.ensure(wanted))
    const ids = outcomes.map((one) => (one.status === 'fulfilled' ? one.value.id : one.reason))
    expect(new Set(ids).size).toBe(1)
    const again = await engine.host.identities.ensure({ ...wanted, name: 'Another name' })
    expect(again).toMatchObject({ name: 'Deployer', revision: 1 })
    expect((await typesIn(engine)).filter((type) => type === 'identity.created').length).toBe(1)
  })
})

describe('identities.update()', () => {
  test('changes what is said, and leaves the rest', async () => {
    const { host, identity, clock } = await aWorkload({ identity: { metadata: { a: '1' } } })
    clock.advance(5)
    const { id } = identity
    const updated = await host.identities.update({ organization, id, name: 'renamed' })
    expect(updated).toEqual({ ...identity, name: 'renamed', revision: 2, updatedAt: clock.now() })
    expect(await host.identities.get({ organization, id })).toEqual(updated)
    await host.identities.update({ organization, id, metadata: { b: '2' } })
    expect((await host.identities.get({ organization, id })).metadata).toEqual({ b: '2' })
  })

  test('writes only on the revision that was read: one of many wins', async () => {
    const { host, identity } = await aWorkload()
    const { id, revision } = identity
    const outcomes = await flood(10, (index) =>
      host.identities.update({ organization, id, revision, name: `name ${index}` }),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    await expect(
      host.identities.update({ organization, id, revision, name: 'late' }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect((await host.identities.get({ organization, id })).revision).toBe(2)
  })

  test('loses no change without a revision, however many come at once', async () => {
    const { host, identity } = await aWorkload()
    const { id } = identity
    const outcomes = await flood(5, () =>
      host.identities.update({ organization, id, deleteProtection: true }),
    )
    const done = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect((await host.identities.get({ organization, id })).revision).toBe(1 + done)
    expect(done).toBe(5)
  })

  test('answers conflict for a slug that is taken', async () => {
    const { host, identity } = await aWorkload()
    await host.identities.create({ organization, name: 'x', slug: 'taken' })
    const update = host.identities.update({ organization, id: identity.id, slug: 'taken' })
    await expect(update).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('identities.delete()', () => {
  test('answers conflict while there is delete protection, and deletes without', async () => {
    const { host, identity, login, denied } = await loggedIn({
      identity: { deleteProtection: true },
    })
    const key = { organization, id: identity.id }
    await expect(host.identities.delete(key)).rejects.toMatchObject({ code: 'conflict' })
    await expect(login()).resolves.toBeDefined()
    await host.identities.update({ ...key, deleteProtection: false })
    await host.identities.delete(key)
    expect((await denied()).reason).toBe('identity_gone')
    for (const verb of ['get', 'delete'] as const)
      await expect(host.identities[verb](key)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('takes everything along that belongs to it', async () => {
    const { host, identity, secret, key } = await aWorkload()
    const id = { organization, id: identity.id }
    await host.identities.delete(id)
    const method = { ...key, method: 'universal' } as const
    await expect(host.clientSecrets.get({ organization, id: secret.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(host.authMethods.get(method)).rejects.toMatchObject({ code: 'not_found' })
    await expect(host.authMethods.attach(method)).rejects.toMatchObject({ code: 'not_found' })
    await expect(host.clientSecrets.create(key)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('identities', () => {
  test('of another organization answer exactly like unknown ones', async () => {
    const { host, identity, key } = await aWorkload()
    await host.organizations.create({ id: 'other', name: 'Other' })
    const answers = await Promise.all(
      [identity.id, 'idn_unknown'].map(async (id) => {
        const foreign = { organization: 'other', id }
        const theirs = { organization: 'other', identity: id }
        const attempts = [
          host.identities.get(foreign),
          host.identities.update({ ...foreign, name: 'x' }),
          host.identities.delete(foreign),
          host.identities.revokeTokens(foreign),
          host.authMethods.list(theirs),
          host.authMethods.get({ ...theirs, method: 'universal' }),
          host.authMethods.attach({ ...theirs, method: 'universal' }),
          host.authMethods.detach({ ...theirs, method: 'universal' }),
          host.clientSecrets.create(theirs),
          host.clientSecrets.list(theirs),
          host.lockouts.clear(theirs),
        ]
        return Promise.all(attempts.map((one) => one.then(() => 'done', String)))
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.every((answer) => answer.includes('There is no such'))).toBe(true)
    expect(await host.identities.get({ organization, id: key.identity })).toEqual(identity)
  })
})

function entries(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`key-${index}`, 'x'.repeat(1020)]),
  )
}
