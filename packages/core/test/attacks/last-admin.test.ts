import { describe, expect, test } from 'vitest'
import type { RoleBinding, Subject } from '../../src/model/role-binding.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { TestEngine } from '../support/engine.ts'
import { createGate, rounds } from '../support/gate.ts'
import type { Kind } from '../support/house.ts'
import { aHouse, anActor, aTarget, bindTo, errorOf, KINDS } from '../support/house.ts'

const organization = 'acme'

const everything = { rules: [{ allow: ['*' as const] }] }

/** The one admin of an organization: an identity, or a user with a stored binding. */
async function theAdmin(house: TestEngine, kind: Subject['kind']) {
  const subject: Subject =
    kind === 'user' ? { kind, id: 'u_boss' } : { kind, id: (await aTarget(house)).id }
  const [binding] = await bindTo(house, subject, [{ role: 'admin' }])
  return { subject, key: { organization, id: binding?.id ?? '' } }
}

const refusedAsLast = {
  code: 'conflict',
  message: 'The organization would be left without an admin',
}

async function adminsOf({ host }: TestEngine): Promise<readonly RoleBinding[]> {
  return (await host.roleBindings.list({ organization, role: 'admin' })).items
}

describe.each(KINDS)('as(%s), who holds everything by rules of its own,', (kind) => {
  test.each(['identity', 'user'] as const)(
    'ESC-011 takes its binding from no last admin, an %s',
    async (last) => {
      const house = await aHouse()
      const { key } = await theAdmin(house, last)
      const { manage } = await anActor(house, kind, [everything])
      const before = (await house.recorded()).length
      expect(await errorOf(() => manage.roleBindings.delete(key))).toMatchObject(refusedAsLast)
      expect(await house.recorded()).toHaveLength(before)
      expect(await adminsOf(house)).toHaveLength(1)
    },
  )

  test('ESC-011 disables and deletes no identity that is the last admin', async () => {
    const house = await aHouse()
    const { subject } = await theAdmin(house, 'identity')
    const { manage } = await anActor(house, kind, [everything])
    const key = { organization, id: subject.id }
    const attempts = [
      () => manage.identities.update({ ...key, disabled: true }),
      () => manage.identities.delete(key),
    ]
    for (const attempt of attempts) expect(await errorOf(attempt)).toMatchObject(refusedAsLast)
    expect(await house.host.identities.get(key)).toMatchObject({ disabled: false })
  })

  test('ESC-011 counts no admin that is disabled, has expired, or is one of a project', async () => {
    const house = await aHouse()
    const { key } = await theAdmin(house, 'identity')
    await aTarget(house, [{ role: 'admin' }], { disabled: true })
    await aTarget(house, [{ role: 'admin', until: new Date('2026-03-01T12:01:00.000Z') }])
    await aTarget(house, [{ role: 'admin', project: 'one' }])
    house.clock.advance(60)
    const { manage } = await anActor(house, kind, [everything])
    expect(await errorOf(() => manage.roleBindings.delete(key))).toMatchObject(refusedAsLast)
  })

  test('ESC-011 takes an admin away while another one stays', async () => {
    const house = await aHouse()
    const { key } = await theAdmin(house, 'identity')
    await theAdmin(house, 'user')
    const { manage } = await anActor(house, kind, [everything])
    await manage.roleBindings.delete(key)
    expect(await adminsOf(house)).toMatchObject([{ subject: { id: 'u_boss' } }])
  })
})

/** Lets no transaction write before so many have judged; whoever runs again passes. */
function afterJudgement(count: number) {
  const gate = createGate(count)
  return (storage: Storage): Storage => ({
    ...storage,
    transaction: (run) =>
      storage.transaction(async (stores) => {
        const roleBindings = {
          ...stores.roleBindings,
          async remove(...told: Parameters<Storage['roleBindings']['remove']>) {
            await gate()
            return stores.roleBindings.remove(...told)
          },
        }
        return run({ ...stores, roleBindings })
      }),
  })
}

/** Two admins, each of whom takes the other's binding at the same time. */
async function duel(kinds: readonly [Kind, Kind]) {
  const house = await aHouse({ around: afterJudgement(2) })
  const held = [{ role: 'admin' }]
  const duellists = [
    await anActor(house, kinds[0], held),
    await anActor(house, kinds[1], held),
  ] as const
  const [mine, theirs] = await adminsOf(house)
  const [one, other] = duellists
  const isMine = mine?.subject.id === one.subject.id
  const outcomes = await Promise.allSettled([
    one.manage.roleBindings.delete({ organization, id: (isMine ? theirs : mine)?.id ?? '' }),
    other.manage.roleBindings.delete({ organization, id: (isMine ? mine : theirs)?.id ?? '' }),
  ])
  return { house, outcomes }
}

describe('roleBindings.delete() by two admins of each other at once', () => {
  test('ESC-011 leaves one of them', async () => {
    for (let round = 0; round < rounds(10, 200); round += 1) {
      const { house, outcomes } = await duel(['an identity', 'a stored user'])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find((one) => one.status === 'rejected')?.reason).toMatchObject({
        code: 'permission_denied',
      })
      expect(await adminsOf(house)).toHaveLength(1)
    }
  })

  test('ESC-011 leaves one where users are vouched for and hold it all without a binding', async () => {
    const house = await aHouse({ around: afterJudgement(2) })
    const keys = [(await theAdmin(house, 'identity')).key, (await theAdmin(house, 'user')).key]
    const outcomes = await Promise.allSettled(
      keys.map(async (key) => {
        const { manage } = await anActor(house, 'a vouched user', [everything])
        return manage.roleBindings.delete(key)
      }),
    )
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find((one) => one.status === 'rejected')?.reason).toMatchObject(refusedAsLast)
    expect(await adminsOf(house)).toHaveLength(1)
  })
})

describe('asHost()', () => {
  test('takes the last admin away', async () => {
    const house = await aHouse()
    const { key } = await theAdmin(house, 'user')
    await house.host.roleBindings.delete(key)
    expect(await adminsOf(house)).toEqual([])
  })
})
