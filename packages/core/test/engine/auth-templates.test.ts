import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Verifier } from '../../src/plugin.ts'
import { Rejection } from '../../src/plugin.ts'
import { anEngine } from '../support/engine.ts'
import { aHouse, allowing, anActor, KINDS, MISSING, refusalWords } from '../support/house.ts'
import { HOME } from '../support/workload.ts'

interface VaultPolicy {
  readonly host: string
  readonly password?: string | undefined
  readonly users: readonly string[]
}

const connection = { host: z.string(), password: z.string().min(8).optional() }

/** Lets in the users of a policy who know the password of the service. */
const vault: Verifier<'vault', VaultPolicy, { readonly user: string; readonly word: string }> = {
  method: 'vault',
  secrets: ['password'],
  policy: z.strictObject({ ...connection, users: z.array(z.string()).min(1) }),
  template: { members: ['host', 'password'], policy: z.strictObject(connection) },
  credential: z.strictObject({ user: z.string(), word: z.string() }),
  verify: ({ user, word }, { policy }) =>
    policy.users.includes(user) && policy.password === word
      ? { subject: user, claims: { host: policy.host } }
      : new Rejection('wrong_word'),
}

/** A method that lets nothing be shared. */
const plain: Verifier<'plain', object, object> = {
  method: 'plain',
  policy: z.strictObject({}),
  credential: z.strictObject({}),
  verify: () => new Rejection('never'),
}

const SECRET = 'password of the service'
const OTHER = 'another password of it'
const organization = 'acme'

async function aVault(given: Parameters<typeof aHouse>[0] = {}) {
  const engine = anEngine({ verifiers: [vault, plain], rateLimits: 'off', ...(given as object) })
  for (const secret of [SECRET, OTHER]) engine.canaries.add(secret)
  await engine.host.organizations.ensure({ id: organization, name: 'Acme' })
  const template = await engine.host.authTemplates.create({
    organization,
    name: 'Directory',
    method: 'vault',
    policy: { host: 'a', password: SECRET },
  })
  const { identity } = await engine.host.identities.create({ organization, name: 'worker' })
  const key = { organization, identity: identity.id, method: 'vault' } as const
  const attach = (more: object = {}) =>
    engine.host.authMethods.attach({
      ...key,
      policy: { users: ['alice'] },
      template: template.id,
      ...more,
    })
  const login = (word = SECRET, user = 'alice') =>
    engine.countersign.login(
      { method: 'vault', identity: identity.id, credential: { user, word } },
      HOME,
    )
  return { ...engine, engine, template, identity, key, attach, login }
}

describe('an auth template', () => {
  test('completes the policy of every auth method that names it', async () => {
    const { attach, login, template } = await aVault()
    const method = await attach()
    expect(method).toMatchObject({ template: template.id, policy: { users: ['alice'] } })
    await expect(login()).resolves.toMatchObject({ tokenType: 'Bearer' })
    await expect(login(OTHER)).rejects.toMatchObject({ reason: 'wrong_word' })
    await expect(login(SECRET, 'bob')).rejects.toMatchObject({ reason: 'wrong_word' })
  })

  test('counts from the next login on when it changes', async () => {
    const { attach, login, host, template } = await aVault()
    await attach()
    await login()
    const policy = { host: 'b', password: OTHER }
    await host.authTemplates.update({ organization, id: template.id, policy })
    await expect(login()).rejects.toMatchObject({ reason: 'wrong_word' })
    await expect(login(OTHER)).resolves.toBeDefined()
  })

  test('shows its secret in no answer, no event and no record', async () => {
    const { engine, host, template, attach, storage, recorded, key } = await aVault()
    const method = await attach()
    const id = { organization, id: template.id }
    const updated = await host.authTemplates.update({ ...id, name: 'Renamed' })
    const { items } = await host.authTemplates.list({ organization, method: 'vault' })
    const shown = { host: 'a', password: '[sealed]' }
    for (const answer of [template, updated, await host.authTemplates.get(id), ...items])
      expect(answer?.policy).toEqual(shown)
    const stored = await storage.authTemplates.find(organization, template.id)
    expect(stored?.policy).toEqual({
      host: 'a',
      password: { sealed: expect.stringMatching(/^v1\./) },
    })
    const everything = JSON.stringify([
      stored,
      method,
      await host.authMethods.get(key),
      await recorded(),
    ])
    for (const secret of engine.canaries) expect(everything).not.toContain(secret)
  })

  test('keeps a secret that is handed back as it was read, and nothing that stands nowhere', async () => {
    const { host, template, attach, login } = await aVault()
    await attach()
    const id = { organization, id: template.id }
    await host.authTemplates.update({ ...id, policy: { host: 'c', password: '[sealed]' } })
    await expect(login()).resolves.toBeDefined()
    await host.authTemplates.update({ ...id, policy: { host: 'c' } })
    await expect(
      host.authTemplates.update({ ...id, policy: { host: 'c', password: '[sealed]' } }),
    ).rejects.toMatchObject({ message: 'policy.password must be the secret itself' })
  })

  test('seals its secret to its own row: moved to another template it opens nothing', async () => {
    const { host, template, attach, login, storage } = await aVault()
    const other = await host.authTemplates.create({
      organization,
      name: 'Other',
      method: 'vault',
      policy: { host: 'z', password: OTHER },
    })
    await attach()
    const stolen = await storage.authTemplates.find(organization, other.id)
    const standing = await storage.authTemplates.find(organization, template.id)
    if (stolen === undefined || standing === undefined) throw new Error('There is no template')
    const moved = { ...standing, policy: stolen.policy, revision: standing.revision + 1 }
    expect(await storage.authTemplates.replace(moved, [])).toBe(true)
    await expect(login(OTHER)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('is told apart from the rest: what it may hold is not stated beside it', async () => {
    const { attach, host, template, identity } = await aVault()
    await expect(attach({ policy: { users: ['alice'], host: 'evil' } })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'host must not be stated beside a template',
    })
    await expect(attach({ policy: {} })).rejects.toMatchObject({ code: 'invalid_request' })
    const more = { organization, id: template.id, policy: { host: 'a', users: ['alice'] } }
    await expect(host.authTemplates.update(more)).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(
      host.authTemplates.create({ organization, name: 'x', method: 'plain', policy: {} }),
    ).rejects.toMatchObject({ message: 'method has no templates' })
    await expect(
      host.authMethods.attach({
        organization,
        identity: identity.id,
        method: 'plain',
        template: template.id,
      }),
    ).rejects.toMatchObject({ message: 'template must be one of this method' })
  })

  test('is unknown in another organization', async () => {
    const { host, template } = await aVault()
    await host.organizations.create({ id: 'other', name: 'Other' })
    const { identity } = await host.identities.create({ organization: 'other', name: 'spy' })
    const key = { organization: 'other', id: template.id }
    await expect(
      host.authMethods.attach({
        organization: 'other',
        identity: identity.id,
        method: 'vault',
        policy: { users: ['alice'] },
        template: template.id,
      }),
    ).rejects.toMatchObject({ code: 'not_found' })
    for (const deed of [
      () => host.authTemplates.get(key),
      () => host.authTemplates.update({ ...key, name: 'Mine' }),
      () => host.authTemplates.usage(key),
      () => host.authTemplates.delete(key),
    ])
      await expect(deed()).rejects.toMatchObject({ code: 'not_found' })
  })

  test('takes the place of what an auth method stated, and is taken away again', async () => {
    const { host, key, template, login } = await aVault()
    await host.authMethods.attach({
      ...key,
      policy: { host: 'x', password: OTHER, users: ['alice'] },
    })
    await login(OTHER)
    const named = await host.authMethods.update({ ...key, template: template.id })
    expect(named).toMatchObject({ template: template.id, policy: { users: ['alice'] } })
    await login()
    await expect(host.authMethods.update({ ...key, template: 'none' })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    const own = { host: 'x', password: OTHER, users: ['alice'] }
    const free = await host.authMethods.update({ ...key, template: 'none', policy: own })
    expect(free.template).toBeUndefined()
    await login(OTHER)
  })

  test('stays while an auth method names it, and says who does', async () => {
    const { host, attach, template, key, identity } = await aVault()
    const method = await attach()
    const id = { organization, id: template.id }
    expect((await host.authTemplates.usage(id)).items).toEqual([
      { id: method.id, identity: identity.id, method: 'vault' },
    ])
    await expect(host.authTemplates.delete(id)).rejects.toMatchObject({ code: 'conflict' })
    await host.authMethods.detach(key)
    await host.authTemplates.delete(id)
    await expect(host.authTemplates.get(id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('is changed on the revision that was read, and told of in the trail', async () => {
    const { host, template, recorded } = await aVault()
    const id = { organization, id: template.id }
    await host.authTemplates.update({ ...id, name: 'Renamed', revision: 1 })
    await expect(
      host.authTemplates.update({ ...id, name: 'Again', revision: 1 }),
    ).rejects.toMatchObject({ code: 'conflict' })
    await host.authTemplates.delete(id)
    const told = (await recorded()).filter(({ type }) => type.startsWith('auth_template.'))
    expect(told.map(({ type, details, target }) => [type, target, details])).toEqual(
      ['created', 'updated', 'deleted'].map((verb, index) => [
        `auth_template.${verb}`,
        { kind: 'auth_template', id: template.id },
        { name: index === 0 ? 'Directory' : 'Renamed', method: 'vault' },
      ]),
    )
  })
})

describe.each(KINDS)('auth templates by %s', (kind) => {
  async function house() {
    const engine = await aHouse({ verifiers: [vault] } as never)
    const vaulted = engine as unknown as Awaited<ReturnType<typeof aVault>>
    const template = await vaulted.host.authTemplates.create({
      organization,
      name: 'Directory',
      method: 'vault',
      policy: { host: 'a', password: SECRET },
    })
    const { identity } = await vaulted.host.identities.create({ organization, name: 'worker' })
    return { engine, host: vaulted.host, template, identity }
  }

  test('take a permission each', async () => {
    const { engine, template, identity } = await house()
    const held = allowing('auth-method:attach', 'auth-method:update', 'identity:update')
    const { manage } = await anActor(engine, kind, [held])
    const id = { organization, id: template.id }
    for (const deed of [
      () => manage.authTemplates.get(id),
      () => manage.authTemplates.list({ organization }),
      () => manage.authTemplates.usage(id),
      () => manage.authTemplates.update({ ...id, name: 'Mine' }),
      () => manage.authTemplates.delete(id),
      () =>
        manage.authMethods.attach({
          organization,
          identity: identity.id,
          method: 'vault',
          policy: { users: ['alice'] },
          template: template.id,
        }),
    ])
      expect(await refusalWords(engine, deed)).toBe(MISSING)
  })

  test('are lent by whoever may attach them, and moved by nobody whom their users exceed', async () => {
    const { engine, host, template, identity } = await house()
    const held = ['auth-method:attach', 'auth-template:attach', 'auth-template:update'] as const
    const { manage } = await anActor(engine, kind, [allowing(...held)])
    await manage.authMethods.attach({
      organization,
      identity: identity.id,
      method: 'vault',
      policy: { users: ['alice'] },
      template: template.id,
    })
    const policy = { host: 'mine', password: SECRET }
    const move = () => manage.authTemplates.update({ organization, id: template.id, policy })
    await expect(move()).resolves.toMatchObject({ revision: 2 })
    const subject = { identity: identity.id }
    await host.roleBindings.create({ organization, subject, role: 'admin' })
    await expect(move()).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'privilege_boundary',
    })
    expect((await host.authTemplates.get({ organization, id: template.id })).revision).toBe(2)
  })
})
