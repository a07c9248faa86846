import { describe, expect, test } from 'vitest'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  errorOf,
  KINDS,
  ROLE_EXCEEDS,
  refusalWords,
} from '../support/house.ts'

const organization = 'acme'
const project = 'one'

const namesOf = (bindings: readonly { readonly role?: string }[]) =>
  bindings.map(({ role }) => role).toSorted()

describe('roleBindings.replace()', () => {
  test('takes away the roles of one scope, binds others, and leaves rules alone', async () => {
    const house = await aHouse()
    const { id: identity } = await aTarget(house, [
      { role: 'viewer', project },
      { role: 'member', project },
      { role: 'viewer', project: 'two' },
      { ...allowing('secret:read'), project },
    ])
    const subject = { identity }
    const roles = [{ role: 'admin' }, { role: 'viewer', for: '1h' }]
    const bound = await house.host.roleBindings.replace({ organization, project, subject, roles })
    expect(namesOf(bound)).toEqual(['admin', 'viewer'])
    const { items } = await house.host.roleBindings.list({ organization, subject })
    const kept = items.map((binding) => [binding.project, binding.role, binding.rules?.length])
    expect(kept).toEqual(
      expect.arrayContaining([
        [project, 'admin', undefined],
        [project, undefined, 1],
        ['two', 'viewer', undefined],
      ]),
    )
    expect(items).toHaveLength(5)
  })

  test.each(KINDS)(
    'binds nothing beyond what %s holds, and then takes nothing away',
    async (kind) => {
      const house = await aHouse()
      const { manage } = await anActor(house, kind, [allowing('binding:*', 'identity:*')])
      const { id: identity } = await aTarget(house, [{ role: 'no-access', project }])
      const replacement = {
        organization,
        project,
        subject: { identity },
        roles: [{ role: 'admin' }],
      }
      const words = await refusalWords(house, () => manage.roleBindings.replace(replacement))
      expect(words).toBe(ROLE_EXCEEDS)
      const { items } = await house.host.roleBindings.list({ organization, project })
      expect(namesOf(items)).toEqual(['no-access'])
    },
  )

  test('refuses by what stands where it is told to', async () => {
    const house = await aHouse()
    const { id: identity } = await aTarget(house)
    const wanted = { organization, project, subject: { identity }, roles: [{ role: 'viewer' }] }
    const replace = (standing: 'none' | 'some') =>
      house.host.roleBindings.replace({ ...wanted, standing })
    expect(await errorOf(() => replace('some'))).toMatchObject({ code: 'not_found' })
    await replace('none')
    expect(await errorOf(() => replace('none'))).toMatchObject({ code: 'conflict' })
    await replace('some')
  })

  test('does not take the last admin away, and may renew it', async () => {
    const house = await aHouse()
    const admin = await anActor(house, 'an identity', [{ role: 'admin' }])
    const { id: identity } = await aTarget(house, [{ role: 'admin' }])
    await house.host.identities.delete({ organization, id: admin.subject.id })
    const second = await anActor(house, 'a vouched user', [{ role: 'admin' }])
    const replace = (role: string) =>
      second.manage.roleBindings.replace({
        organization,
        subject: { identity },
        roles: [{ role }],
      })
    expect(await errorOf(() => replace('viewer'))).toMatchObject({ code: 'conflict' })
    expect(namesOf(await replace('admin'))).toEqual(['admin'])
  })
})

describe('roleBindings.update()', () => {
  test('changes rules under their id, at once', async () => {
    const house = await aHouse()
    const { principal, subject, can } = await anActor(house, 'an identity', [
      { ...allowing('secret:read'), project },
    ])
    const { items } = await house.host.roleBindings.list({
      organization,
      project,
      subject: { identity: subject.id },
    })
    const id = items[0]?.id ?? ''
    const { rules } = allowing('secret:write')
    const changed = await house.host.roleBindings.update({ organization, id, rules } as never)
    expect(changed).toMatchObject({ id, rules })
    await principal.refresh()
    const place = { project, environment: 'prod', path: '/x' }
    expect([can('secret:read', place), can('secret:write', place)]).toEqual([false, true])
  })

  test('moves the window, keeps it, or opens it', async () => {
    const house = await aHouse()
    const { id: identity } = await aTarget(house)
    const { rules } = allowing('secret:read')
    const { id } = await house.host.roleBindings.create({
      organization,
      project,
      subject: { identity },
      rules,
      for: '1h',
    } as never)
    const update = (change: object) =>
      house.host.roleBindings.update({ organization, id, ...change } as never)
    const hour = 3600_000
    const { until } = await update({ rules })
    const moved = await update({ for: '2h' })
    expect(Number(moved.until) - Number(until)).toBe(hour)
    expect(await update({ always: true })).not.toHaveProperty('until')
  })

  test('refuses a binding of a role', async () => {
    const house = await aHouse()
    const { id: identity } = await aTarget(house)
    const { id } = await house.host.roleBindings.create({
      organization,
      subject: { identity },
      role: 'viewer',
    } as never)
    const error = await errorOf(() => house.host.roleBindings.update({ organization, id }))
    expect(error).toMatchObject({ code: 'invalid_request' })
  })
})

describe('identities.update() with a role', () => {
  test('replaces every role of the organization', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house, [{ role: 'viewer' }, { role: 'viewer', project }])
    await house.host.identities.update({ organization, id, role: 'member' })
    const { items } = await house.host.roleBindings.list({
      organization,
      subject: { identity: id },
    })
    expect(items.map(({ role, project: where }) => [role, where])).toEqual(
      expect.arrayContaining([
        ['member', undefined],
        ['viewer', project],
      ]),
    )
    expect(items).toHaveLength(2)
  })

  test('gives no role that the actor does not hold', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, 'an identity', [allowing('identity:*')])
    const { id } = await aTarget(house)
    const update = () => manage.identities.update({ organization, id, role: 'admin' })
    expect(await refusalWords(house, update)).toBe(ROLE_EXCEEDS)
  })
})
