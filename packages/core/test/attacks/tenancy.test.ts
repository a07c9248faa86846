import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCells } from '../../src/cache/cells.ts'
import type { Management } from '../../src/engine/manage/management.ts'
import type { Holding } from '../../src/model/role.ts'
import { vocabulary } from '../permission/world.ts'
import type { TestEngine } from '../support/engine.ts'
import { aHouse, allowing, anActor, canOf, errorOf, KINDS } from '../support/house.ts'
import { aWorkload } from '../support/workload.ts'

const A = 'acme'
const B = 'other'

/** Everything that organization B has, by its ids. */
async function aForeignHouse(house: TestEngine) {
  const { host } = house
  const { identity, secret } = await aWorkload({ engine: house, organization: B })
  await host.authMethods.attach({ organization: B, identity: identity.id, method: 'token' })
  const token = await host.staticTokens.create({
    organization: B,
    identity: identity.id,
    name: 't',
  })
  await host.projects.create({ organization: B, id: 'theirs', name: 'Theirs' })
  const named = { organization: B, slug: 'theirs', name: 'Theirs', rules: [] }
  const role = await host.roles.create(named)
  const subject = { user: 'u_b' }
  const binding = await host.roleBindings.create({ organization: B, subject, role: 'viewer' })
  return {
    identity: identity.id,
    secret: secret.id,
    token: token.id,
    project: 'theirs',
    role: role.id,
    binding: binding.id,
  }
}

type Ids = Awaited<ReturnType<typeof aForeignHouse>>

const UNKNOWN: Ids = {
  identity: 'idn_00000000000000000000000000',
  secret: 'csc_00000000000000000000000000',
  token: 'stk_00000000000000000000000000',
  project: 'nowhere',
  role: 'rol_00000000000000000000000000',
  binding: 'bnd_00000000000000000000000000',
}

/** Every verb that takes the id of something, asked in an organization. */
function everyVerb(manage: Management, organization: string, ids: Ids) {
  const identity = { organization, id: ids.identity }
  const owner = { organization, identity: ids.identity }
  const method = { ...owner, method: 'universal' }
  const secret = { organization, id: ids.secret }
  const token = { organization, id: ids.token }
  const project = { organization, id: ids.project }
  const role = { organization, id: ids.role }
  const binding = { organization, id: ids.binding }
  return [
    () => manage.identities.get(identity),
    () => manage.identities.update({ ...identity, name: 'x' }),
    () => manage.identities.delete(identity),
    () => manage.identities.revokeTokens(identity),
    () => manage.authMethods.attach(method),
    () => manage.authMethods.get(method),
    () => manage.authMethods.list(owner),
    () => manage.authMethods.update({ ...method, lockout: 'off' }),
    () => manage.authMethods.detach(method),
    () => manage.clientSecrets.create(owner),
    () => manage.clientSecrets.list(owner),
    () => manage.clientSecrets.get(secret),
    () => manage.clientSecrets.rotate(secret),
    () => manage.clientSecrets.revoke(secret),
    () => manage.clientSecrets.delete(secret),
    () => manage.staticTokens.create({ ...owner, name: 'x' }),
    () => manage.staticTokens.list(owner),
    () => manage.staticTokens.get(token),
    () => manage.staticTokens.update({ ...token, name: 'x' }),
    () => manage.staticTokens.revoke(token),
    () => manage.staticTokens.delete(token),
    () => manage.lockouts.clear(owner),
    () => manage.projects.get(project),
    () => manage.projects.update({ ...project, name: 'x' }),
    () => manage.projects.delete(project),
    () => manage.projects.add({ ...owner, project: 'one' }),
    () => manage.projects.remove({ ...owner, project: 'one' }),
    () => manage.roles.get(role),
    () => manage.roles.update({ ...role, name: 'x' }),
    () => manage.roles.preview({ ...role, rules: [] }),
    () => manage.roles.delete({ ...role, unbind: true }),
    () => manage.roleBindings.get(binding),
    () => manage.roleBindings.delete(binding),
  ]
}

const faceOf = ({ code, message, details }: Awaited<ReturnType<typeof errorOf>>): string =>
  JSON.stringify({ code, message, details })

describe.each(KINDS)('as(%s), admin of another organization,', (kind) => {
  test('TEN-001 TEN-003 finds nothing of it by any verb, and asks no more than for an unknown id', async () => {
    const house = await aHouse()
    const ids = await aForeignHouse(house)
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const before = (await house.recorded()).length
    const told = async (attempt: () => Promise<unknown>) => {
      house.calls.forget()
      return [faceOf(await errorOf(attempt)), house.calls.verbs()]
    }
    const unknown = everyVerb(manage, A, UNKNOWN)
    for (const [index, attempt] of everyVerb(manage, A, ids).entries()) {
      const error = await errorOf(attempt)
      expect(error.code).toBe('not_found')
      expect(await told(attempt)).toEqual(await told(unknown[index] ?? attempt))
    }
    for (const attempt of everyVerb(manage, B, ids))
      expect(await errorOf(attempt)).toMatchObject({ code: 'not_found' })
    expect(await house.recorded()).toHaveLength(before)
  })

  test('TEN-001 TEN-003 lists and makes nothing in it', async () => {
    const house = await aHouse()
    await aForeignHouse(house)
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const attempts = [
      () => manage.identities.list({ organization: B }),
      () => manage.projects.list({ organization: B }),
      () => manage.roles.list({ organization: B }),
      () => manage.roleBindings.list({ organization: B }),
      () => manage.lockouts.list({ organization: B }),
      () => manage.identities.create({ organization: B, name: 'x' }),
      () => manage.projects.create({ organization: B, name: 'x' }),
      () => manage.roles.create({ organization: B, slug: 'x', name: 'x', rules: [] }),
      () => manage.roleBindings.create({ organization: B, subject: { user: 'u' }, role: 'viewer' }),
    ]
    for (const attempt of attempts) expect((await errorOf(attempt)).code).toBe('not_found')
  })

  test('TEN-002 TEN-008 binds nothing of another organization, and writes nothing', async () => {
    const house = await aHouse()
    const ids = await aForeignHouse(house)
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const subject = { user: 'u_a' }
    const foreign = { identity: ids.identity }
    const attempts = [
      () =>
        manage.roleBindings.create({ organization: A, project: 'one', subject, role: ids.role }),
      () => manage.roleBindings.create({ organization: A, subject, role: ids.role }),
      () => manage.roleBindings.create({ organization: A, subject: foreign, role: 'viewer' }),
      () =>
        manage.roleBindings.create({
          organization: A,
          project: ids.project,
          subject,
          role: 'viewer',
        }),
      () => manage.projects.add({ organization: A, project: 'one', ...foreign }),
      () => manage.projects.add({ organization: A, project: ids.project, ...foreign }),
      () => manage.identities.create({ organization: A, project: ids.project, name: 'x' }),
      () => manage.identities.create({ organization: A, name: 'x', role: ids.role }),
      () =>
        manage.roles.create({
          organization: A,
          project: ids.project,
          slug: 'x',
          name: 'x',
          rules: [],
        }),
    ]
    const before = (await house.recorded()).length
    for (const attempt of attempts) expect((await errorOf(attempt)).code).toBe('not_found')
    expect(await house.recorded()).toHaveLength(before)
  })

  test('TEN-008 adds no identity of its own to a project that only shares its id', async () => {
    const house = await aHouse()
    await house.host.organizations.create({ id: B, name: B })
    await house.host.projects.create({ organization: B, id: 'one', name: 'Their one' })
    const actor = await anActor(house, kind, [{ role: 'admin', project: 'one' }])
    expect(actor.can('secret:read', { project: 'one', environment: 'e', path: '/x' })).toBe(true)
    const elsewhere = { organization: B, project: 'one', environment: 'e', path: '/x' }
    expect(actor.can('secret:read', elsewhere)).toBe(false)
  })

  test('TEN-010 takes no cursor of another tenant or list, and no filter beyond its own', async () => {
    const house = await aHouse()
    await aForeignHouse(house)
    await house.host.identities.create({ organization: B, name: 'second' })
    const { cursor = '' } = await house.host.identities.list({ organization: B, limit: 1 })
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const attempts = [
      () => manage.identities.list({ organization: A, cursor }),
      () => manage.roles.list({ organization: A, cursor }),
      () => manage.roleBindings.list({ organization: A, cursor }),
      () => manage.projects.list({ organization: A, cursor }),
      () => manage.identities.list({ organization: A, orgId: B } as never),
    ]
    expect(cursor).not.toBe('')
    for (const attempt of attempts) expect((await errorOf(attempt)).code).toBe('invalid_request')
  })

  test('TEN-011 is told of no name that is taken elsewhere', async () => {
    const house = await aHouse()
    await aForeignHouse(house)
    await house.host.identities.create({ organization: B, name: 'taken', slug: 'taken' })
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const wanted = { organization: A, name: 'taken', slug: 'taken' }
    expect((await manage.identities.create(wanted)).identity).toMatchObject(wanted)
    const role = { organization: A, slug: 'theirs', name: 'Theirs', rules: [] }
    expect(await manage.roles.create(role)).toMatchObject({ slug: 'theirs' })
    const project = { organization: A, id: 'theirs', name: 'Theirs' }
    expect(await manage.projects.create(project)).toMatchObject(project)
  })
})

describe('ids and slugs', () => {
  test.each(['root ', '..', 'a/..', 'A', 'a ', '%2e%2e', '../root', 'rööt', '', 'a\n'])(
    'TEN-007 are refused, or one canonical spelling: %j',
    async (slug) => {
      const house = await aHouse()
      const named = { organization: A, slug, name: 'x' }
      for (const attempt of [
        () => house.host.roles.create({ ...named, rules: [] }),
        () => house.host.identities.create(named),
      ])
        expect((await errorOf(attempt)).code).toBe('invalid_request')
      if (slug === 'A') return
      expect(
        (await errorOf(() => house.host.organizations.create({ id: slug, name: 'x' }))).code,
      ).toBe('invalid_request')
    },
  )

  test('TEN-007 of organizations are compared exactly', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, 'a vouched user', [{ role: 'admin' }])
    for (const organization of ['Acme', 'ACME', 'acme ', 'acme/', './acme', 'acme\u200b'])
      expect((await errorOf(() => manage.identities.list({ organization }))).code).toBe('not_found')
  })
})

const part = fc.string({
  unit: fc.constantFrom('a', 'b', ':', ' ', '1', '/', '\u0000'),
  maxLength: 4,
})

describe('cells', () => {
  test('TEN-005 TEN-006 keep tenants, kinds and ids apart, however these are spelt', async () => {
    const place = fc.tuple(part, fc.constantFrom('identity' as const, 'user' as const), part)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(place, { minLength: 2, selector: (one) => JSON.stringify(one) }),
        async (places) => {
          const cells = createCells({
            vocabulary,
            compileBound: () => [],
            roleBindings: {
              heldBy: async (_tenant, subjects) =>
                subjects.map((subject): Holding => ({ subject, bound: [] })),
            },
            now: () => new Date(0),
          })
          const made = new Set<unknown>()
          for (const [organization, kind, id] of places)
            made.add(await cells.read(organization, { kind, id }))
          expect(made.size).toBe(places.length)
        },
      ),
    )
  })

  test('TEN-005 TEN-006 answer nothing of a neighbour whose parts join alike', async () => {
    const { host, countersign } = await aHouse()
    const rules = allowing('secret:read')
    for (const id of ['a', 'a:b']) await host.organizations.create({ id, name: id })
    const bound = { organization: 'a:b', subject: { user: 'c' }, ...rules } as never
    await host.roleBindings.create(bound)
    const secret = { project: 'one', environment: 'e', path: '/x' }
    const ask = async (organization: string, user: string): Promise<boolean> =>
      canOf(
        await countersign.principalFor({ user, organization, bindings: 'stored' }),
        'secret:read',
        secret,
      )
    expect(await ask('a:b', 'c')).toBe(true)
    for (const [organization, user] of [
      ['a', 'b:c'],
      ['a', 'c'],
      ['a:b', 'b:c'],
    ] as const)
      expect(await ask(organization, user)).toBe(false)
  })
})
