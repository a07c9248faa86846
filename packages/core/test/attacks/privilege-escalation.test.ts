import { describe, expect, test } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { Actor } from '../support/house.ts'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  bindTo,
  errorOf,
  KINDS,
  MISSING,
  ROLE_EXCEEDS,
  refusalWords,
  TARGET_EXCEEDS,
} from '../support/house.ts'
import { aWorkload, HOME } from '../support/workload.ts'

const organization = 'acme'

/** Whoever manages identities, roles and bindings, and may read secrets and what a viewer may. */
const clerk = [
  allowing('identity:*', 'role:*', 'binding:*', 'credential:*', 'auth-method:*', 'secret:read'),
  { role: 'viewer' },
]

const secret = { project: 'one', environment: 'prod', path: '/x' }

describe.each(KINDS)('as(%s)', (kind) => {
  test('ESC-001 creates no identity with a stronger role', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const wanted = { organization, name: 'strong', role: 'admin' }
    expect(await refusalWords(house, () => manage.identities.create(wanted))).toBe(ROLE_EXCEEDS)
    const ensured = { ...wanted, slug: 'strong' }
    expect(await refusalWords(house, () => manage.identities.ensure(ensured))).toBe(ROLE_EXCEEDS)
    expect((await house.host.identities.list({ organization, name: 'strong' })).items).toEqual([])
  })

  test.each([
    ['a permission', { allow: ['secret:read', 'secret:write'] }],
    ['a condition less', { allow: ['invoice:approve'] }],
    ['a wildcard, for what may come', { allow: ['secret:*'] }],
  ] as const)(
    'ESC-002 assigns no role of a harmless name with %s too much',
    async (_what, rule) => {
      const house = await aHouse()
      const { manage } = await anActor(house, kind, [
        ...clerk,
        {
          rules: [
            { allow: ['secret:read'] },
            { allow: ['secret:write'], where: { environment: 'dev' } },
          ],
        },
      ])
      const viewer2 = await house.host.roles.create({
        organization,
        slug: 'viewer2',
        name: 'viewer',
        rules: [rule as Rule],
      })
      const { id } = await aTarget(house)
      for (const role of [viewer2.id, 'viewer2']) {
        const wanted = { organization, subject: { identity: id }, role }
        expect(await refusalWords(house, () => manage.roleBindings.create(wanted))).toBe(
          ROLE_EXCEEDS,
        )
      }
    },
  )

  test('ESC-002 assigns a role of whatever name that holds no more', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const rules = [{ allow: ['secret:read'], where: { environment: 'dev' } }] as const
    const { id: role } = await manage.roles.create({
      organization,
      slug: 'root',
      name: 'Root',
      rules,
    })
    const { id } = await aTarget(house)
    const wanted = { organization, subject: { identity: id }, role }
    expect(await manage.roleBindings.create(wanted)).toMatchObject({ role })
  })

  test('ESC-004 makes no identity of its own stronger afterwards', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const { identity } = await manage.identities.create({
      organization,
      name: 'mine',
      role: 'viewer',
    })
    const rules = [{ allow: ['secret:read' as const] }]
    const own = await manage.roles.create({ organization, slug: 'mine', name: 'Mine', rules })
    const subject = { identity: identity.id }
    await manage.roleBindings.create({ organization, subject, role: own.id })
    const everything = [{ allow: ['*' as const] }]
    const attempts = [
      () => manage.roleBindings.create({ organization, subject, role: 'admin' }),
      () => manage.roleBindings.create({ organization, subject, rules: everything }),
      () =>
        manage.projects.add({
          organization,
          project: 'one',
          identity: identity.id,
          roles: ['admin'],
        }),
      () => manage.roles.update({ organization, id: own.id, rules: everything }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(ROLE_EXCEEDS)
    const { items } = await house.host.roleBindings.list({ organization, subject })
    expect(items.map(({ role }) => role).sort()).toEqual([own.id, 'viewer'].sort())
  })

  test('ESC-004 edits no role, not even to less, that somebody stronger holds', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const rules = [{ allow: ['secret:read' as const] }]
    const { id } = await manage.roles.create({
      organization,
      slug: 'shared',
      name: 'Shared',
      rules,
    })
    await aTarget(house, [{ role: id }, { role: 'admin' }])
    const attempts = [
      () => manage.roles.update({ organization, id, rules: [] }),
      () => manage.roles.update({ organization, id, rules: [{ deny: ['secret:*'] }] }),
      () => manage.roles.preview({ organization, id, rules: [] }),
      () => manage.roles.delete({ organization, id, unbind: true }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
  })

  test('ESC-005 touches no credential of a stronger identity', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const strong = await aWorkload({ engine: house })
    await bindTo(house, { kind: 'identity', id: strong.identity.id }, [{ role: 'admin' }])
    const { id } = strong.secret
    for (const attempt of credentialAttempts(manage, strong.identity.id, id))
      expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
    await strong.login()
  })

  test('ESC-007 gives in the organization nothing that it holds in a project', async () => {
    const house = await aHouse()
    const actor = await anActor(house, kind, [
      { role: 'viewer' },
      { role: 'admin', project: 'one' },
    ])
    const { id } = await aTarget(house, [{ role: 'no-access', project: 'one' }])
    const subject = { identity: id }
    const wide = { organization, subject, role: 'admin' }
    expect(await refusalWords(house, () => actor.manage.roleBindings.create(wide))).toBe(MISSING)
    const other = { organization, project: 'two', identity: id, roles: ['admin'] }
    expect(await refusalWords(house, () => actor.manage.projects.add(other))).toBe(MISSING)
    const { kind: own, id: itself } = actor.subject
    const oneself = own === 'identity' ? { identity: itself } : { user: itself }
    const self = { organization, project: 'one', subject: oneself, role: 'viewer' }
    expect(await refusalWords(house, () => actor.manage.roleBindings.create(self))).toBe(
      TARGET_EXCEEDS,
    )
    const within = { organization, project: 'one', identity: id, roles: ['admin'] }
    expect(await actor.manage.projects.add(within)).toMatchObject([
      { project: 'one', role: 'admin' },
    ])
  })

  test('ESC-008 sets no member that callers have no say in', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    const { id } = await aTarget(house)
    const before = (await house.recorded()).length
    for (const stranger of STRANGERS)
      for (const attempt of massAssignments(manage, id, stranger))
        expect(await errorOf(attempt)).toMatchObject({ code: 'invalid_request' })
    expect(await house.recorded()).toHaveLength(before)
  })

  test('ESC-009 acts on no word of its input, but on the principal alone', async () => {
    const house = await aHouse()
    const { manage, principal } = await anActor(house, kind, [])
    for (const forged of [
      { actor: { kind: 'host', label: 'x' } },
      { asHost: true },
      { bounded: false },
    ]) {
      const query = { organization, ...forged } as never
      expect(await errorOf(() => manage.identities.list(query))).toMatchObject({
        code: 'invalid_request',
      })
    }
    for (const copy of [{ ...principal }, { kind: 'host' }, JSON.parse(JSON.stringify(principal))])
      expect(() => house.countersign.as(copy as never)).toThrow(TypeError)
  })
})

describe('as() of an identity that manages identities', () => {
  test('ESC-006 widens nothing of itself, whatever it holds', async () => {
    const house = await aHouse()
    for (const held of [clerk, [{ role: 'admin' }]]) {
      const { manage, subject } = await anActor(house, 'an identity', held)
      const key = { organization, identity: subject.id, method: 'universal' }
      const attempts = [
        () =>
          manage.roleBindings.create({
            organization,
            subject: { identity: subject.id },
            role: 'viewer',
          }),
        () =>
          manage.projects.add({
            organization,
            project: 'one',
            identity: subject.id,
            roles: ['viewer'],
          }),
        () =>
          manage.identities.update({ organization, id: subject.id, metadata: { team: 'root' } }),
        () => manage.authMethods.update({ ...key, policy: {}, lockout: 'off' }),
        () => manage.authMethods.update({ ...key, tokenPolicy: { ttl: 86_400, maxTtl: 864_000 } }),
        () =>
          manage.authMethods.update({
            ...key,
            tokenPolicy: { trustedSources: { token: ['0.0.0.0/0'] } },
          }),
        () => manage.authMethods.attach({ organization, identity: subject.id, method: 'token' }),
        () => manage.clientSecrets.create({ organization, identity: subject.id }),
        () => manage.lockouts.clear({ organization, identity: subject.id }),
      ]
      for (const attempt of attempts)
        expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
    }
  })
})

describe('a token', () => {
  test('ESC-013 carries no rights: a demoted admin keeps it and may do nothing by it', async () => {
    const house = await aHouse()
    const { identity, login, countersign, host } = await aWorkload({ engine: house })
    const subject = { kind: 'identity', id: identity.id } as const
    const [binding] = await bindTo(house, subject, [{ role: 'admin' }])
    const { accessToken } = await login()
    const before = await countersign.authenticate(accessToken, HOME)
    expect(before.can('identity:create')).toBe(true)
    await host.roleBindings.delete({ organization, id: binding?.id ?? '' })
    const after = await countersign.authenticate(accessToken, HOME)
    for (const principal of [before, after]) {
      expect(principal.can('identity:create')).toBe(false)
      const { identities } = countersign.as(principal)
      expect(await refusalWords(house, () => identities.list({ organization }))).toBe(MISSING)
    }
  })

  test('ESC-013 loses a right with the edit of a role, and keeps its login', async () => {
    const house = await aHouse()
    const { identity, login, countersign, host } = await aWorkload({ engine: house })
    const rules = [{ allow: ['secret:read' as const] }]
    const role = await host.roles.create({ organization, slug: 'reader', name: 'Reader', rules })
    await bindTo(house, { kind: 'identity', id: identity.id }, [{ role: role.id }])
    const { accessToken } = await login()
    const can = async (): Promise<boolean> =>
      ((await countersign.authenticate(accessToken, HOME)) as unknown as Actor).can(
        'secret:read',
        secret,
      )
    expect(await can()).toBe(true)
    await host.roles.update({ organization, id: role.id, rules: [] })
    expect(await can()).toBe(false)
  })
})

const STRANGERS = [
  { orgId: 'other' },
  { createdAt: new Date(0) },
  { createdBy: { kind: 'host', label: 'x' } },
  { isAdmin: true },
  { uses: 0 },
  { revokedAt: undefined, generation: 9 },
  { permissions: ['*'] },
]

function massAssignments(manage: Management, identity: string, stranger: object) {
  const key = { organization, identity, method: 'universal' }
  const subject = { identity }
  const said: readonly (readonly [(input: never) => Promise<unknown>, object])[] = [
    [manage.identities.create, { organization, name: 'x' }],
    [manage.identities.update, { organization, id: identity, name: 'x' }],
    [manage.authMethods.update, { ...key, lockout: 'off' }],
    [manage.clientSecrets.create, { organization, identity }],
    [manage.projects.create, { organization, name: 'x' }],
    [manage.projects.update, { organization, id: 'one', name: 'x' }],
    [manage.projects.add, { organization, project: 'one', identity }],
    [manage.roles.create, { organization, slug: 'x', name: 'x', rules: [] }],
    [manage.roleBindings.create, { organization, subject, role: 'viewer' }],
  ]
  return said.map(
    ([verb, input]) =>
      () =>
        verb({ ...input, ...stranger } as never),
  )
}

function credentialAttempts(manage: Management, identity: string, secretId: string) {
  const owner = { organization, identity }
  const key = { organization, id: secretId }
  return [
    () => manage.clientSecrets.create(owner),
    () => manage.clientSecrets.rotate(key),
    () => manage.clientSecrets.list(owner),
    () => manage.clientSecrets.get(key),
    () => manage.clientSecrets.revoke(key),
    () => manage.clientSecrets.delete(key),
    () => manage.staticTokens.create({ ...owner, name: 'x' }),
    () => manage.staticTokens.list(owner),
    () => manage.authMethods.attach({ ...owner, method: 'token' }),
    () => manage.authMethods.list(owner),
    () => manage.authMethods.update({ ...owner, method: 'universal', lockout: 'off' }),
    () => manage.authMethods.detach({ ...owner, method: 'universal' }),
  ]
}
