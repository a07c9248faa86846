import { describe, expect, test } from 'vitest'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  bindTo,
  KINDS,
  ROLE_EXCEEDS,
  refusalWords,
} from '../support/house.ts'

const organization = 'acme'

const clerk = [allowing('identity:*', 'binding:*', 'role:*', 'secret:read')]

describe.each(KINDS)('as(%s) meets a disabled identity, which', (kind) => {
  test('identities.create() gives no role beyond the actor, born disabled or not', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const born = { organization, name: 'sleeper', role: 'admin', disabled: true }
    expect(await refusalWords(house, () => manage.identities.create(born))).toBe(ROLE_EXCEEDS)
  })

  test('roleBindings.create() gives nothing beyond the actor while it sleeps', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const { id } = await aTarget(house, [], { disabled: true })
    const wanted = { organization, subject: { identity: id }, role: 'admin' }
    expect(await refusalWords(house, () => manage.roleBindings.create(wanted))).toBe(ROLE_EXCEEDS)
  })

  test('identities.update() fills with no metadata that would exceed the actor once it wakes', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [
      {
        rules: [
          { allow: ['identity:update'] },
          { allow: ['secret:read'], where: { environment: 'dev' } },
        ],
      },
    ])
    const team = { environment: { ref: 'identity.metadata.team' } } as const
    const { id } = await aTarget(house, [{ rules: [{ allow: ['secret:read'], where: team }] }], {
      metadata: { team: 'dev' },
    })
    const change = { organization, id, metadata: { team: 'prod' }, disabled: true }
    expect(await refusalWords(house, () => manage.identities.update(change))).toBe(ROLE_EXCEEDS)
  })

  test('roleBindings.delete() frees of no deny that holds it within the actor', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, clerk)
    const { id } = await aTarget(house, [allowing('secret:*')], { disabled: true })
    const [deny] = await bindTo(house, { kind: 'identity', id }, [
      { rules: [{ deny: ['secret:write', 'secret:*'] }] },
    ])
    const removal = { organization, id: deny?.id ?? '' }
    expect(await refusalWords(house, () => manage.roleBindings.delete(removal))).toBe(ROLE_EXCEEDS)
  })

  test('roles.update() widens no role for it', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [
      {
        rules: [
          { allow: ['role:*', 'secret:read'] },
          { allow: ['secret:write'], where: { environment: 'dev' } },
        ],
      },
    ])
    const role = await house.host.roles.create({
      organization,
      slug: 'freed',
      name: 'Freed',
      rules: [{ allow: ['secret:read'] }, { deny: ['secret:write'] }],
    })
    const writer = { rules: [{ allow: ['secret:write' as const] }] }
    await aTarget(house, [{ role: role.id }, writer], { disabled: true })
    const change = { organization, id: role.id, rules: [{ allow: ['secret:read' as const] }] }
    expect(await refusalWords(house, () => manage.roles.update(change))).toBe(ROLE_EXCEEDS)
  })
})
