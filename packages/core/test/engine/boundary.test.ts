import { describe, expect, test } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { TestEngine } from '../support/engine.ts'
import type { Held, Kind } from '../support/house.ts'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  bindTo,
  deniedBy,
  KINDS,
  ROLE_EXCEEDS,
  refusalWords,
  TARGET_EXCEEDS,
} from '../support/house.ts'
import { aWorkload } from '../support/workload.ts'

const organization = 'acme'

/** What can be done to an identity that is there. */
function deedsTo({ identities }: Management, id: string) {
  return {
    read: () => identities.get({ organization, id }),
    update: () => identities.update({ organization, id, name: 'other' }),
    delete: () => identities.delete({ organization, id }),
  }
}

describe.each(KINDS)("the seeds' refusals, as(%s)", (kind) => {
  test('insufficient permissions to create, read, update or delete identities', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house)
    const all = ['create', 'read', 'update', 'delete'] as const
    for (const missing of all) {
      const others = all.filter((verb) => verb !== missing).map((verb) => `identity:${verb}`)
      const { manage } = await anActor(house, kind, [allowing(...others)])
      const create = () => manage.identities.create({ organization, name: 'x' })
      const attempt = { ...deedsTo(manage, id), create }[missing]
      const error = await deniedBy(house, attempt)
      expect(error).toMatchObject({
        message: 'A permission for this is missing',
        reason: 'forbidden',
        details: { refusal: 'missing_permission', permission: `identity:${missing}` },
      })
    }
    const { manage } = await anActor(house, kind, [allowing('identity:*')])
    for (const deed of Object.values(deedsTo(manage, id))) await deed()
  })

  test('an identity more privileged than yourself', async () => {
    const house = await aHouse()
    const workload = await aWorkload({ engine: house, lockout: { threshold: 1 } })
    const { id } = workload.identity
    const [binding] = await bindTo(house, { kind: 'identity', id }, [allowing('secret:write')])
    await workload.refused()
    const { manage } = await anActor(house, kind, MANAGER)
    const attempts = [
      ...Object.values(deedsTo(manage, id)),
      ...deedsAround(manage, id),
      () => manage.clientSecrets.revoke({ organization, id: workload.secret.id }),
      () => manage.roleBindings.get({ organization, id: binding?.id ?? '' }),
      () => manage.roleBindings.delete({ organization, id: binding?.id ?? '' }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
    await house.host.lockouts.clear({ organization, identity: id })
    await workload.login()
  })

  test('a role more privileged than yours', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, MANAGER)
    const { id } = await aTarget(house)
    const rules = [{ allow: ['secret:write' as const] }]
    const named = { organization, slug: 'writer', name: 'Writer' }
    const writer = await house.host.roles.create({ ...named, slug: 'their-writer', rules })
    const mine = await manage.roles.create({ ...named, slug: 'mine', rules: READS })
    const attempts = [
      () => manage.identities.create({ organization, name: 'x', role: writer.id }),
      () => manage.roles.create({ ...named, rules }),
      () => manage.roles.update({ organization, id: mine.id, rules }),
      () => manage.roles.get({ organization, id: writer.id }),
      () => manage.roles.update({ organization, id: writer.id, rules: READS }),
      () => manage.roles.delete({ organization, id: writer.id }),
      () =>
        manage.roleBindings.create({ organization, subject: { identity: id }, role: writer.id }),
      () => manage.roleBindings.create({ organization, subject: { user: 'u_9' }, rules }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(ROLE_EXCEEDS)
    const { items } = await manage.roles.list({ organization, slug: 'their-writer' })
    const { slug, name } = writer
    expect(items).toEqual([{ id: writer.id, slug, name, restricted: true }])
  })
})

const READS: readonly Rule[] = [{ allow: ['secret:read'] }]

/** All of management, and reading secrets. */
const MANAGER: readonly Held[] = [
  allowing('identity:*', 'credential:*', 'auth-method:*', 'role:*', 'binding:*', 'project:*'),
  { rules: READS },
]

/** What else changes what an identity is, or lets somebody in as it. */
function deedsAround(manage: Management, identity: string) {
  const owner = { organization, identity }
  const method = { ...owner, method: 'universal' }
  return [
    () => manage.identities.update({ organization, id: identity, disabled: true }),
    () => manage.identities.revokeTokens({ organization, id: identity }),
    () => manage.clientSecrets.create(owner),
    () => manage.clientSecrets.list(owner),
    () => manage.staticTokens.create({ ...owner, name: 'x' }),
    () => manage.staticTokens.list(owner),
    () => manage.lockouts.clear(owner),
    () => manage.authMethods.attach({ ...owner, method: 'token' }),
    () => manage.authMethods.update({ ...method, lockout: 'off' }),
    () => manage.authMethods.detach(method),
    () => manage.projects.add({ ...owner, project: 'one' }),
    () => manage.projects.remove({ ...owner, project: 'one' }),
    () => manage.roleBindings.create({ organization, subject: { identity }, role: 'no-access' }),
  ]
}

async function whoMeets(kind: Kind, mine: readonly Held[], theirs: readonly Held[]) {
  const house: TestEngine = await aHouse()
  const { manage } = await anActor(house, kind, [allowing('identity:*', 'binding:*'), ...mine])
  const { id } = await aTarget(house, theirs)
  return { house, manage, id, read: () => manage.identities.get({ organization, id }) }
}

const soon = new Date('2026-03-01T13:00:00.000Z')
const late = new Date('2026-03-01T14:00:00.000Z')

describe.each(KINDS)('the boundary of %s', (kind) => {
  test.each<[string, Held[], Held[]]>([
    ['what opens in the future', [], [{ ...allowing('secret:read'), from: soon }]],
    [
      'a longer window',
      [{ ...allowing('secret:read'), until: soon }],
      [{ ...allowing('secret:read'), until: late }],
    ],
    [
      'the end of a deny',
      [],
      [allowing('secret:read'), { rules: [{ deny: ['secret:*'] }], until: soon }],
    ],
    [
      'its own deny',
      [allowing('secret:read'), { rules: [{ deny: ['secret:read'], where: { path: '/x' } }] }],
      [allowing('secret:read')],
    ],
    [
      'a deny of its own to come',
      [allowing('secret:read'), { rules: [{ deny: ['secret:read'] }], from: late }],
      [allowing('secret:read')],
    ],
    ['all projects', [{ ...allowing('secret:read'), project: 'one' }], [allowing('secret:read')]],
    [
      'another project',
      [{ ...allowing('secret:read'), project: 'one' }],
      [{ ...allowing('secret:read'), project: 'two' }],
    ],
    [
      'metadata that it has not',
      [{ rules: [{ allow: ['secret:read'], where: { environment: 'dev' } }] }],
      [
        {
          rules: [
            { allow: ['secret:read'], where: { environment: { ref: 'identity.metadata.team' } } },
          ],
        },
      ],
    ],
    [
      'claims that nobody knows',
      [{ rules: [{ allow: ['secret:read'], where: { environment: 'dev' } }] }],
      [
        {
          rules: [
            { allow: ['secret:read'], where: { environment: { ref: 'identity.claims.env' } } },
          ],
        },
      ],
    ],
    [
      'a deny that depends on claims',
      [{ rules: [{ allow: ['secret:read'], where: { environment: { not: 'prod' } } }] }],
      [
        allowing('secret:read'),
        {
          rules: [
            { deny: ['secret:read'], where: { environment: { ref: 'identity.claims.env' } } },
          ],
        },
      ],
    ],
  ])('sees in a target %s', async (_what, mine, theirs) => {
    const { house, read } = await whoMeets(kind, mine, theirs)
    expect(await refusalWords(house, read)).toBe(TARGET_EXCEEDS)
  })

  test.each<[string, Held[], Held[]]>([
    [
      'a past window',
      [],
      [{ ...allowing('secret:read'), until: new Date('2026-03-01T12:00:00.001Z') }],
    ],
    [
      'a window within its own',
      [{ ...allowing('secret:read'), until: late }],
      [{ ...allowing('secret:read'), from: soon, until: late }],
    ],
    [
      'what a deny takes from it',
      [],
      [allowing('secret:read'), { rules: [{ deny: ['secret:*'] }] }],
    ],
    [
      'the same deny',
      [allowing('secret:read'), { rules: [{ deny: ['secret:read'], where: { path: '/x' } }] }],
      [allowing('secret:read'), { rules: [{ deny: ['secret:read'], where: { path: '/x' } }] }],
    ],
    [
      'one of its projects',
      [allowing('secret:read')],
      [{ ...allowing('secret:read'), project: 'two' }],
    ],
    [
      'a narrower glob',
      [{ rules: [{ allow: ['secret:read'], where: { path: { glob: '/a/**' } } }] }],
      [{ rules: [{ allow: ['secret:read'], where: { path: { glob: '/a/*/c' } } }] }],
    ],
  ])('lets pass a target with %s', async (_what, mine, theirs) => {
    const { house, read, id } = await whoMeets(kind, mine, theirs)
    house.clock.advance(1)
    expect(await read()).toMatchObject({ id })
  })

  test('shows by which request rules exceed it, where it wrote them itself, and a witness that is real', async () => {
    const { house, manage } = await whoMeets(kind, [], [])
    const subject = { user: 'u_7' }
    const rules: readonly Rule[] = [{ allow: ['secret:read'], where: { environment: 'prod' } }]
    const wanted = { organization, project: 'one', subject, rules }
    const { details } = await deniedBy(house, () => manage.roleBindings.create(wanted))
    const request = { permission: 'secret:read', scope: { organization, project: 'one' } }
    expect(details).toMatchObject({
      refusal: 'role_exceeds',
      witness: { request: { ...request, attributes: { environment: 'prod' } } },
    })
  })

  test('shows nothing of rules that it may not read', async () => {
    const { house, manage, id } = await whoMeets(kind, [], [allowing('secret:read')])
    const { details } = await deniedBy(house, () => manage.identities.get({ organization, id }))
    expect(details).toEqual({
      refusal: 'target_exceeds',
      permission: 'identity:read',
      scope: { organization },
    })
  })
})
