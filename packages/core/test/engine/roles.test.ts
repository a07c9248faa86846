import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/model/rule.ts'
import type { TestEngine } from '../support/engine.ts'
import { aHouse, allowing, anActor, aTarget, bindTo, errorOf } from '../support/house.ts'

const organization = 'acme'
const reads: readonly Rule[] = [{ allow: ['secret:read'] }]
const named = { organization, slug: 'reader', name: 'Reader', rules: reads }
const secret = { project: 'one', environment: 'prod', path: '/x' }

async function aRole(house: TestEngine, given: object = {}) {
  return house.host.roles.create({ ...named, ...given })
}

describe('roles', () => {
  test('create(), get(), update() and delete() keep one role, with an event each', async () => {
    const house = await aHouse()
    const { roles } = house.host
    const made = await aRole(house, { description: 'Reads' })
    const { id } = made
    expect(made).toMatchObject({ ...named, description: 'Reads', revision: 1 })
    const change = { organization, id, revision: 1, slug: 'writer', rules: [] }
    const revised = await roles.update(change)
    expect(revised).toMatchObject({ slug: 'writer', name: 'Reader', rules: [], revision: 2 })
    expect(await roles.get({ organization, id })).toEqual(revised)
    await roles.delete({ organization, id })
    expect(await errorOf(() => roles.get({ organization, id }))).toMatchObject({
      code: 'not_found',
    })
    const told = (await house.recorded()).filter(({ target }) => target.kind === 'role')
    expect(told.map(({ type }) => type)).toEqual(['role.created', 'role.updated', 'role.deleted'])
  })

  test('update() is a conflict for whoever read an older revision', async () => {
    const house = await aHouse()
    const { id } = await aRole(house)
    await house.host.roles.update({ organization, id, revision: 1, name: 'One' })
    const late = () => house.host.roles.update({ organization, id, revision: 1, name: 'Two' })
    expect(await errorOf(late)).toMatchObject({ code: 'conflict' })
  })

  test('create() takes a slug once in its scope, and again in any other', async () => {
    const house = await aHouse()
    await aRole(house)
    expect(await errorOf(() => aRole(house))).toMatchObject({ code: 'conflict' })
    for (const project of ['one', 'two'])
      expect(await aRole(house, { project })).toMatchObject({ project, slug: 'reader' })
  })

  test('update() takes no slug of a neighbour, nor of a role in code', async () => {
    const rules = [{ allow: ['secret:read'] }] as const
    const house = await aHouse({ roles: { deployer: { scope: 'organization', rules } } } as never)
    await aRole(house, { slug: 'taken' })
    const { id } = await aRole(house)
    const renamed = (slug: string) => () => house.host.roles.update({ organization, id, slug })
    expect(await errorOf(renamed('taken'))).toMatchObject({ code: 'conflict' })
    for (const slug of ['deployer', 'admin'])
      expect(await errorOf(renamed(slug))).toMatchObject({ code: 'invalid_request' })
    const inProject = { ...named, project: 'one', slug: 'deployer' }
    expect(await house.host.roles.create(inProject)).toMatchObject({ slug: 'deployer' })
  })

  test('a stored role holds by its id, whatever becomes of its slug', async () => {
    const house = await aHouse()
    const { id } = await aRole(house)
    const actor = await anActor(house, 'a stored user', [{ role: 'reader' }])
    await house.host.roles.update({ organization, id, slug: 'old-reader' })
    await aRole(house, { rules: [] })
    expect(actor.can('secret:read', secret)).toBe(true)
    expect(actor.principal.permissions()).toMatchObject([{ role: 'old-reader' }])
  })

  test('delete() leaves a role that somebody holds, unless it unbinds it', async () => {
    const house = await aHouse()
    const { id } = await aRole(house)
    const actor = await anActor(house, 'a stored user', [{ role: id }])
    const { roles, roleBindings } = house.host
    const kept = await errorOf(() => roles.delete({ organization, id }))
    expect(kept).toMatchObject({ code: 'conflict' })
    expect(actor.can('secret:read', secret)).toBe(true)
    await roles.delete({ organization, id, unbind: true })
    expect(actor.can('secret:read', secret)).toBe(false)
    expect((await roleBindings.list({ organization })).items).toEqual([])
  })

  test('preview() tells who gains and who loses by requests that are real, and changes nothing', async () => {
    const house = await aHouse()
    const { id } = await aRole(house)
    const reader = await anActor(house, 'a stored user', [{ role: id }])
    await anActor(house, 'a stored user', [{ role: id }, { rules: [{ allow: ['secret:*'] }] }])
    const before = (await house.recorded()).length
    const rules: readonly Rule[] = [{ allow: ['secret:write'], where: { environment: 'dev' } }]
    const effects = await house.host.roles.preview({ organization, id, rules })
    expect(effects.map(({ subject }) => subject)).toEqual([reader.subject])
    const [{ gains, loses } = { gains: undefined, loses: undefined }] = effects
    const asked = (one: typeof gains) => {
      const { permission, scope, attributes } = one?.witness?.request ?? {
        permission: '',
        scope: {},
      }
      return [permission, { ...scope, ...attributes }] as const
    }
    expect([asked(gains)[0], asked(loses)[0]]).toEqual(['secret:write', 'secret:read'])
    expect([reader.can(...asked(gains)), reader.can(...asked(loses))]).toEqual([false, true])
    expect(await house.recorded()).toHaveLength(before)
    await house.host.roles.update({ organization, id, rules })
    expect([reader.can(...asked(gains)), reader.can(...asked(loses))]).toEqual([true, false])
  })

  test('roles of a project are bound there alone, and reach no other', async () => {
    const house = await aHouse()
    const { id } = await aRole(house, { project: 'one' })
    const bind = (project?: string) => () =>
      bindTo(house, { kind: 'user', id: 'u_p' }, [{ role: id, ...(project && { project }) }])
    for (const project of ['two', undefined])
      expect(await errorOf(bind(project))).toMatchObject({ code: 'not_found' })
    const actor = await anActor(house, 'a stored user', [{ role: id, project: 'one' }])
    expect(actor.can('secret:read', secret)).toBe(true)
    expect(actor.can('secret:read', { ...secret, project: 'two' })).toBe(false)
  })
})

describe('an identity of one project', () => {
  async function aResident(house: TestEngine) {
    const wanted = { organization, project: 'one', name: 'resident', role: 'viewer' }
    return (await house.host.identities.create(wanted)).identity
  }

  test('roleBindings.create() binds it there, and nowhere else', async () => {
    const house = await aHouse()
    const subject = { kind: 'identity', id: (await aResident(house)).id } as const
    for (const place of [{}, { project: 'two' }]) {
      const bound = () => bindTo(house, subject, [{ role: 'viewer', ...place }])
      expect(await errorOf(bound)).toMatchObject({ code: 'invalid_request' })
    }
    expect(await bindTo(house, subject, [{ role: 'member', project: 'one' }])).toHaveLength(1)
  })

  test('goes with its project, and stays gone when the id comes back', async () => {
    const house = await aHouse()
    const { id } = await aResident(house)
    await house.host.projects.delete({ organization, id: 'one' })
    await house.host.projects.create({ organization, id: 'one', name: 'Again' })
    const gone = await errorOf(() => house.host.identities.get({ organization, id }))
    expect(gone).toMatchObject({ code: 'not_found' })
    expect((await house.host.roleBindings.list({ organization, project: 'one' })).items).toEqual([])
  })

  test('projects.add() and remove() bring an identity of the organization in, and out', async () => {
    const house = await aHouse()
    const actor = await anActor(house, 'an identity', [])
    const place = { organization, project: 'one', identity: actor.subject.id }
    await house.host.projects.add(place)
    expect(actor.can('secret:read', secret)).toBe(false)
    await house.host.projects.add({ ...place, roles: ['viewer', 'member', 'viewer'], for: '1h' })
    expect(actor.can('secret:write', secret)).toBe(true)
    expect(actor.can('secret:write', { ...secret, project: 'two' })).toBe(false)
    await house.host.projects.remove(place)
    expect(actor.can('secret:write', secret)).toBe(false)
    const again = await errorOf(() => house.host.projects.remove(place))
    expect(again).toMatchObject({ code: 'not_found' })
  })
})

describe('roleBindings.create()', () => {
  test.each<[string, object]>([
    ['an end that has come', { until: new Date('2026-03-01T12:00:00.000Z') }],
    [
      'an end before its beginning',
      { from: new Date('2026-03-02'), until: new Date('2026-03-01T13:00:00Z') },
    ],
    ['two ends', { until: new Date('2026-03-02'), for: '1h' }],
    ['no time at all', { for: 0 }],
    ['a word for a time', { for: 'a while' }],
    ['a role and rules', { rules: reads }],
    ['a role that is nowhere', { role: 'nobody' }],
    ['a subject of both kinds', { subject: { user: 'u', identity: 'i' } }],
  ])('refuses %s', async (_what, given) => {
    const house = await aHouse()
    const wanted = { organization, subject: { user: 'u_1' }, role: 'viewer', ...given } as never
    const error = await errorOf(() => house.host.roleBindings.create(wanted))
    expect(error).toMatchObject({ code: 'invalid_request' })
  })

  test('binds 100 in one scope and no more', async () => {
    const house = await aHouse()
    const subject = { kind: 'user', id: 'u_1' } as const
    for (let count = 0; count < 100; count += 1) await bindTo(house, subject, [{ role: 'viewer' }])
    const full = await errorOf(() => bindTo(house, subject, [{ role: 'viewer' }]))
    expect(full).toMatchObject({ code: 'conflict' })
    await bindTo(house, subject, [{ role: 'viewer', project: 'one' }])
  })

  test('counts for from the beginning, to the millisecond, for a handle that was kept', async () => {
    const house = await aHouse()
    const actor = await anActor(house, 'an identity', [])
    const from = new Date('2026-03-01T12:00:05.000Z')
    const bound = { ...allowing('secret:read'), from, for: '10s' }
    await bindTo(house, actor.subject, [bound as never])
    const instants = [4.999, 5, 14.999, 15]
    const answers = instants.map((at) => {
      house.clock.set(new Date(Date.parse('2026-03-01T12:00:00.000Z') + at * 1000))
      return actor.can('secret:read', secret)
    })
    expect(answers).toEqual([false, true, true, false])
  })

  test('adds bindings up: each allows, and a deny of any of them wins', async () => {
    const house = await aHouse()
    const actor = await anActor(house, 'an identity', [
      allowing('secret:read'),
      { ...allowing('secret:write'), project: 'one' },
    ])
    expect(actor.can('secret:read', secret) && actor.can('secret:write', secret)).toBe(true)
    await bindTo(house, actor.subject, [{ rules: [{ deny: ['secret:*'] }], project: 'one' }])
    expect(actor.can('secret:read', secret) || actor.can('secret:write', secret)).toBe(false)
    expect(actor.can('secret:read', { ...secret, project: 'two' })).toBe(true)
  })

  test('names in its event whom it was for, and on whose word', async () => {
    const house = await aHouse()
    const { manage, subject } = await anActor(house, 'a vouched user', [{ role: 'admin' }])
    const { id } = await aTarget(house)
    const made = await manage.roleBindings.create({
      organization,
      subject: { identity: id },
      role: 'viewer',
    })
    await manage.roleBindings.delete({ organization, id: made.id })
    const told = (await house.recorded()).slice(-2)
    expect(told).toMatchObject(
      ['role_binding.created', 'role_binding.deleted'].map((type) => ({
        type,
        actor: subject,
        target: { kind: 'role_binding', id: made.id },
        details: { identity: id, role: 'viewer' },
      })),
    )
  })
})
