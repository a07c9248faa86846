import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/model/rule.ts'
import type { TestEngine } from '../support/engine.ts'
import type { Kind } from '../support/house.ts'
import { aHouse, allowing, anActor, bindTo, canOf, errorOf, KINDS } from '../support/house.ts'
import { HOME, loggedIn } from '../support/workload.ts'

const organization = 'acme'
const secret = { project: 'one', environment: 'prod', path: '/x' }
const reads: readonly Rule[] = [{ allow: ['secret:read'] }]
const STORED = KINDS.filter((kind) => kind !== 'a vouched user')

/** A handle that is kept, of somebody who holds a stored role. */
async function aKeptHandle(house: TestEngine, kind: Kind) {
  const role = await house.host.roles.create({ organization, slug: 'r', name: 'R', rules: reads })
  const actor = await anActor(house, kind, [{ role: role.id }])
  const can = (): boolean => actor.can('secret:read', secret)
  expect(can()).toBe(true)
  return { actor, role, can }
}

describe.each(STORED)('a kept handle of %s', (kind) => {
  test('follows a change of its role, at once', async () => {
    const house = await aHouse()
    const { role, can } = await aKeptHandle(house, kind)
    await house.host.roles.update({ organization, id: role.id, rules: [] })
    expect(can()).toBe(false)
    await house.host.roles.update({ organization, id: role.id, rules: reads })
    expect(can()).toBe(true)
  })

  test('follows bindings that come and go, at once', async () => {
    const house = await aHouse()
    const { actor, can } = await aKeptHandle(house, kind)
    const [deny] = await bindTo(house, actor.subject, [{ rules: [{ deny: ['secret:read'] }] }])
    expect(can()).toBe(false)
    await house.host.roleBindings.delete({ organization, id: deny?.id ?? '' })
    expect(can()).toBe(true)
  })

  test('stays as it was where the transaction of a change fails', async () => {
    const house = await aHouse()
    const { actor, role, can } = await aKeptHandle(house, kind)
    const clerk = await anActor(house, 'a vouched user', [allowing('role:*', 'secret:read')])
    await bindTo(house, actor.subject, [allowing('secret:write')])
    const change = { organization, id: role.id, rules: [] }
    expect(await errorOf(() => clerk.manage.roles.update(change))).toMatchObject({
      code: 'permission_denied',
    })
    expect(can()).toBe(true)
    expect((await house.host.roles.get({ organization, id: role.id })).revision).toBe(1)
    await actor.principal.refresh()
    expect(can()).toBe(true)
  })

  test('is not fooled by the rules of a role that were never committed', async () => {
    const house = await aHouse()
    const { role, actor } = await aKeptHandle(house, kind)
    const clerk = await anActor(house, 'a vouched user', [allowing('role:*', 'secret:read')])
    const wider = { organization, id: role.id, rules: [{ allow: ['secret:write'] }] as const }
    await errorOf(() => clerk.manage.roles.update(wider))
    const narrower = { organization, id: role.id, rules: [{ allow: ['invoice:read'] }] as const }
    await house.host.roles.update(narrower)
    expect([actor.can('secret:write', secret), actor.can('invoice:read')]).toEqual([false, true])
  })

  test('answers for principalTtl, and after it no more until somebody asks', async () => {
    const house = await aHouse({ principalTtl: 10 })
    const { actor, can } = await aKeptHandle(house, kind)
    house.clock.advance(9.999)
    expect(can()).toBe(true)
    house.clock.advance(0.001)
    expect(can()).toBe(false)
    const authorize = actor.principal.authorize as (permission: string, said: object) => void
    expect(
      await errorOf(async () => authorize.call(actor.principal, 'secret:read', secret)),
    ).toMatchObject({
      code: 'permission_denied',
      reason: 'stale',
    })
    const { principal } = actor
    expect(principal.explain('identity:read')).toEqual({ allowed: false, reason: 'stale' })
    expect(principal.canSometimes('secret:read' as never)).toBe(false)
    expect(principal.conditions('secret:read' as never, { project: 'one' })).toBe('none')
    await principal.refresh()
    expect(can()).toBe(true)
  })

  test('learns what another node changed by the next request of its subject', async () => {
    const house = await aHouse()
    const beside = await aHouse({ beside: house })
    const { role, can, actor } = await aKeptHandle(house, kind)
    await beside.host.roles.update({ organization, id: role.id, rules: [] })
    expect(can()).toBe(true)
    await actor.principal.refresh()
    expect(can()).toBe(false)
  })

  test('lists, explains and describes what it holds, past and future too, and can break none of it', async () => {
    const house = await aHouse()
    const { actor } = await aKeptHandle(house, kind)
    const from = new Date('2026-03-02')
    await bindTo(house, actor.subject, [{ ...allowing('secret:write'), project: 'one', from }])
    const { principal } = actor
    const held = principal.permissions().filter(({ role }) => role !== 'no-access')
    expect(held).toMatchObject([
      { role: 'r', scope: { organization }, rules: reads },
      { scope: { organization, project: 'one' }, from, rules: [{ allow: ['secret:write'] }] },
    ])
    ;(held[0]?.rules as Rule[])[0] = { allow: ['*'] }
    held[1]?.from?.setTime(0)
    expect(actor.can('secret:write', secret)).toBe(false)
    expect(principal.explain('secret:read' as never, secret as never)).toMatchObject({
      allowed: true,
    })
    expect(principal.conditions('secret:read' as never, { project: 'one' })).toBe('all')
    expect(principal.canSometimes('secret:write' as never)).toBe(false)
    expect(principal.canSometimes('secret:read' as never, { project: 'two' })).toBe(true)
  })
})

describe('a kept handle of an identity', () => {
  test('ends with being disabled and with deletion, in the same tick', async () => {
    const house = await aHouse()
    const { actor, can } = await aKeptHandle(house, 'an identity')
    const key = { organization, id: actor.subject.id }
    await house.host.identities.update({ ...key, disabled: true })
    expect(can()).toBe(false)
    await house.host.identities.update({ ...key, disabled: false })
    expect(can()).toBe(true)
    await house.host.identities.delete(key)
    expect(can()).toBe(false)
    expect(actor.principal.permissions()).toEqual([])
  })

  test('follows its metadata', async () => {
    const house = await aHouse()
    const where = { environment: { ref: 'identity.metadata.team' } } as const
    const actor = await anActor(house, 'an identity', [
      { rules: [{ allow: ['secret:read'], where }] },
    ])
    const tried = ['prod', 'dev']
    const allowed = () =>
      tried.filter((environment) => actor.can('secret:read', { ...secret, environment }))
    expect(allowed()).toEqual([])
    for (const team of tried) {
      await house.host.identities.update({ organization, id: actor.subject.id, metadata: { team } })
      expect(allowed()).toEqual([team])
    }
  })

  test('hears of another node within cacheTtl, by a fresh request', async () => {
    const house = await aHouse()
    const beside = await aHouse({ beside: house })
    const { identity, authenticate } = await loggedIn({ engine: house })
    await bindTo(beside, { kind: 'identity', id: identity.id }, [allowing('secret:read')])
    house.clock.advance(1)
    const kept = await authenticate()
    expect(canOf(kept, 'secret:read', secret)).toBe(true)
    const [binding] = (
      await beside.host.roleBindings.list({ organization, subject: { identity: identity.id } })
    ).items.filter(({ rules }) => rules !== undefined)
    await beside.host.roleBindings.delete({ organization, id: binding?.id ?? '' })
    house.clock.advance(1)
    const fresh = await authenticate(HOME)
    expect([canOf(kept, 'secret:read', secret), canOf(fresh, 'secret:read', secret)]).toEqual([
      false,
      false,
    ])
  })
})

describe('principalFor()', () => {
  test('takes roles in code and rules on the word of the host, with windows and projects', async () => {
    const house = await aHouse()
    const until = new Date('2026-03-01T12:00:01.000Z')
    const actor = await anActor(house, 'a vouched user', [
      { role: 'member', project: 'one', until },
      { rules: [{ allow: ['invoice:read'] }] },
    ])
    const answers = () => [
      actor.can('secret:write', secret),
      actor.can('secret:write', { ...secret, project: 'two' }),
      actor.can('invoice:read'),
    ]
    expect(answers()).toEqual([true, false, true])
    house.clock.advance(1)
    expect(answers()).toEqual([false, false, true])
    house.clock.advance(3600)
    await actor.principal.refresh()
    expect(answers()).toEqual([false, false, true])
  })

  test.each<[string, unknown]>([
    ['a stored role', [{ role: 'rol_00000000000000000000000000' }]],
    ['a slug that is nowhere', [{ role: 'nobody' }]],
    ['a word that is unknown', [{ rules: [{ allow: ['secret:shred'] }] }]],
    [
      'a resource of the organization in a project',
      [{ project: 'one', rules: [{ allow: ['invoice:read'] }] }],
    ],
    ['a role beside rules', [{ role: 'viewer', rules: [] }]],
    ['nothing', [{}]],
    ['too many', Array.from({ length: 101 }, () => ({ role: 'viewer' }))],
    ['another word', 'all'],
  ])('refuses bindings with %s', async (_what, bindings) => {
    const { countersign } = await aHouse()
    const claim = { user: 'u', organization, bindings } as never
    expect(await errorOf(async () => countersign.principalFor(claim))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('asks by the id of the user alone, not of an identity that has the same', async () => {
    const house = await aHouse()
    const { subject } = await anActor(house, 'an identity', [{ role: 'admin' }])
    const claim = { user: subject.id, organization, bindings: 'stored' } as const
    const user = await house.countersign.principalFor(claim)
    expect(user.can('identity:read')).toBe(false)
    expect(user.permissions()).toEqual([])
    const { roleBindings } = house.countersign.as(user)
    const wanted = { organization, subject: { identity: subject.id }, role: 'viewer' } as const
    expect(await errorOf(() => roleBindings.create(wanted))).toMatchObject({ reason: 'forbidden' })
  })
})
