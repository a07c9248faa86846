import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { TestEngine } from '../support/engine.ts'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  bindTo,
  deniedBy,
  errorOf,
  KINDS,
} from '../support/house.ts'

const organization = 'acme'

/** A strong identity and a weak one, alike in all that a filter can ask for; the strong one is older. */
async function twins(house: TestEngine) {
  const given = { metadata: { tier: 'gold' }, owner: 'u_boss' }
  const strong = await aTarget(house, [{ role: 'admin' }], { ...given, name: 'strong' })
  house.clock.advance(1)
  const weak = await aTarget(house, [], { ...given, name: 'weak' })
  house.clock.advance(1)
  return { strong, weak }
}

/** Everything that a page tells, its cursor read as an attacker would. */
function toldBy(page: { readonly items: readonly unknown[]; readonly cursor?: string }): string {
  const cursor = Buffer.from(page.cursor ?? '', 'base64url').toString()
  return `${JSON.stringify(page.items)} ${cursor}`
}

describe.each(KINDS)('as(%s)', (kind) => {
  test('identities.list() with a filter names nobody stronger, neither in rows nor in cursors', async () => {
    const house = await aHouse()
    const { strong, weak } = await twins(house)
    const { manage } = await anActor(house, kind, [allowing('identity:read')])
    for (const filter of [
      { metadata: { tier: 'gold' } },
      { owner: 'u_boss' },
      { method: 'universal' },
    ]) {
      const page = await manage.identities.list({ organization, ...filter, limit: 1 })
      expect(page.items).toMatchObject([{ id: weak.id }])
      expect(toldBy(page)).not.toContain(strong.id)
    }
  })

  test('identities.list() with a filter counts nobody stronger in an offset', async () => {
    const house = await aHouse()
    const { weak } = await twins(house)
    const { manage } = await anActor(house, kind, [allowing('identity:read')])
    const query = { organization, metadata: { tier: 'gold' } }
    expect((await manage.identities.list({ ...query, offset: 1 })).items).toEqual([])
    expect((await manage.identities.list({ ...query, offset: 0 })).items).toMatchObject([
      { id: weak.id },
    ])
  })

  test('identities.list() without a filter names the stronger, and nothing else of it', async () => {
    const house = await aHouse()
    const { strong } = await twins(house)
    const { manage } = await anActor(house, kind, [allowing('identity:read')])
    const { items } = await manage.identities.list({ organization })
    expect(items).toContainEqual({ id: strong.id, name: 'strong', restricted: true })
  })

  test('roleBindings.list() by a role leaves out whoever is stronger', async () => {
    const house = await aHouse()
    const { strong } = await twins(house)
    const { manage } = await anActor(house, kind, [allowing('binding:read')])
    const page = await manage.roleBindings.list({ organization, role: 'admin' })
    expect(toldBy(page)).not.toContain(strong.id)
    const all = await manage.roleBindings.list({ organization })
    expect(all.items).toContainEqual({
      id: expect.any(String),
      subject: { kind: 'identity', id: strong.id },
      restricted: true,
    })
  })

  test('roleBindings.list() tells no role of the stronger by its order or its cursor', async () => {
    const house = await aHouse()
    await twins(house)
    const { manage } = await anActor(house, kind, [allowing('binding:read')])
    const error = await errorOf(() =>
      manage.roleBindings.list({ organization, order: 'name' } as never),
    )
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('order'),
    })
    const page = await manage.roleBindings.list({ organization, limit: 1 })
    expect(toldBy(page)).not.toContain('admin')
  })

  test('identities.ensure() is no way to read an identity', async () => {
    const house = await aHouse()
    await aTarget(house, [], { slug: 'known', metadata: { note: 'private' } })
    const { manage } = await anActor(house, kind, [
      { ...allowing('identity:create'), project: 'one' },
      { ...allowing('identity:create', 'identity:read'), project: 'two' },
    ])
    for (const project of ['one', 'two']) {
      const wanted = { organization, project, name: 'x', slug: 'known' }
      const error = await errorOf(() => manage.identities.ensure(wanted))
      expect(error).toMatchObject({ code: 'conflict' })
    }
  })

  test('identities.ensure() answers what stands to whoever may read it', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house, [], { slug: 'known' })
    const { manage } = await anActor(house, kind, [allowing('identity:create', 'identity:read')])
    const wanted = { organization, name: 'x', slug: 'known' }
    expect(await manage.identities.ensure(wanted)).toMatchObject({ id, name: 'target' })
  })

  test('projects.ensure() is no way to read a project', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [allowing('project:create')])
    const error = await errorOf(() =>
      manage.projects.ensure({ organization, id: 'one', name: 'Mine' }),
    )
    expect(error).toMatchObject({ code: 'conflict' })
  })

  test('a refusal does not tell in which project something lives', async () => {
    const house = await aHouse()
    const { identity } = await house.host.identities.create({
      organization,
      project: 'one',
      name: 'resident',
    })
    const rules = [{ allow: ['secret:read' as const] }]
    const written = { organization, project: 'one', slug: 'reader', name: 'Reader', rules }
    const role = await house.host.roles.create(written)
    const [binding] = await bindTo(house, { kind: 'user', id: 'u_x' }, [
      { role: 'viewer', project: 'one' },
    ])
    const { manage } = await anActor(house, kind, [])
    const attempts = [
      () => manage.identities.get({ organization, id: identity.id }),
      () => manage.roles.get({ organization, id: role.id }),
      () => manage.roleBindings.get({ organization, id: binding?.id ?? '' }),
    ]
    for (const attempt of attempts) {
      const { details } = await deniedBy(house, attempt)
      expect(details).toMatchObject({ refusal: 'missing_permission', scope: { organization } })
      expect(JSON.stringify(details)).not.toContain('one')
    }
  })

  test('roleBindings.get() shows a principal its own', async () => {
    if (kind === 'a vouched user') return
    const house = await aHouse()
    const { manage, subject } = await anActor(house, kind, [{ role: 'viewer' }])
    const by = subject.kind === 'identity' ? { identity: subject.id } : { user: subject.id }
    const [own] = (await house.host.roleBindings.list({ organization, subject: by })).items
    expect(await manage.roleBindings.get({ organization, id: own?.id ?? '' })).toEqual(own)
  })
})
