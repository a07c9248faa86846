import { describe, expect, test } from 'vitest'
import {
  aHouse,
  allowing,
  anActor,
  aTarget,
  KINDS,
  ROLE_EXCEEDS,
  refusalWords,
  TARGET_EXCEEDS,
} from '../support/house.ts'
import { HOME, loginAs } from '../support/workload.ts'

const organization = 'acme'
const one = { organization, id: 'one' }
const janitor = allowing('project:*')
const denied = { rules: [{ deny: ['secret:*' as const] }], project: 'one' }

describe.each(KINDS)('projects.delete() by %s', (kind) => {
  test('frees nobody of a deny in the project, beyond what the actor holds', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [janitor])
    await aTarget(house, [allowing('secret:read'), denied])
    expect(await refusalWords(house, () => manage.projects.delete(one))).toBe(ROLE_EXCEEDS)
  })

  test('takes what was bound there, from those who hold more elsewhere too', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [janitor])
    await aTarget(house, [{ role: 'admin' }, { role: 'viewer', project: 'one' }])
    await manage.projects.delete(one)
    const { items } = await house.host.roleBindings.list({ organization, project: 'one' })
    expect(items).toEqual([])
  })

  test('is refused while somebody stronger lives there alone', async () => {
    const house = await aHouse()
    const { manage } = await anActor(house, kind, [janitor])
    await house.host.identities.create({ ...anIdentityOf('one'), role: 'member' })
    expect(await refusalWords(house, () => manage.projects.delete(one))).toBe(TARGET_EXCEEDS)
  })
})

describe.each(['an identity', 'a stored user'] as const)('projects.delete() by %s', (kind) => {
  test('does not free the actor of its own deny', async () => {
    const house = await aHouse()
    const actor = await anActor(house, kind, [janitor, allowing('secret:read'), denied])
    const words = await refusalWords(house, () => actor.manage.projects.delete(one))
    expect(words).toBe(ROLE_EXCEEDS)
    const prod = { project: 'one', environment: 'prod', path: '/x' }
    expect(actor.can('secret:read', prod)).toBe(false)
  })
})

function anIdentityOf(project: string) {
  return { organization, project, name: 'resident' }
}

describe('projects.delete() by an identity', () => {
  test('is refused to one who lives in the project alone', async () => {
    const house = await aHouse()
    const { host, countersign } = house
    const { identity } = await host.identities.create({
      ...anIdentityOf('one'),
      role: 'admin',
      authMethod: { method: 'universal' },
    })
    const owner = { organization, identity: identity.id }
    const { clientSecret } = await host.clientSecrets.create(owner)
    const { accessToken } = await loginAs(house, identity.id, clientSecret)
    const { projects } = countersign.as(await countersign.authenticate(accessToken, HOME))
    expect(await refusalWords(house, () => projects.delete(one))).toBe(TARGET_EXCEEDS)
  })
})
