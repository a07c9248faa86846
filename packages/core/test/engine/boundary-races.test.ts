import { describe, expect, test } from 'vitest'
import type { Storage, Stores } from '../../src/ports/storage.ts'
import type { Gate } from '../support/gate.ts'
import { createGate, rounds } from '../support/gate.ts'
import { aHouse, allowing, anActor, aTarget, bindTo, canOf } from '../support/house.ts'

const organization = 'acme'
const secret = { project: 'one', environment: 'prod', path: '/x' }

/** Lets no change of the next two commit before both have judged; what runs again passes. */
function aRace() {
  let gate: Gate = async () => undefined
  const around = (storage: Storage): Storage => ({
    ...storage,
    transaction: (run) =>
      storage.transaction(async (stores: Stores) => {
        const answer = await run(stores)
        await gate()
        return answer
      }),
  })
  const start = async (attempts: readonly (() => Promise<unknown>)[]) => {
    gate = createGate(attempts.length)
    const outcomes = await Promise.allSettled(attempts.map((attempt) => attempt()))
    gate = async () => undefined
    return outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code))
  }
  return { around, start }
}

async function raced() {
  const race = aRace()
  const house = await aHouse({ around: race.around })
  const clerk = await anActor(house, 'a stored user', [
    allowing('identity:*', 'credential:*', 'binding:*', 'role:*', 'secret:read'),
  ])
  const target = await aTarget(house)
  const subject = { kind: 'identity', id: target.id } as const
  return { ...race, house, clerk, target, subject }
}

const ROUNDS = rounds(10, 200)

describe('as() in a race', () => {
  test('mints no secret of an identity that became stronger meanwhile', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { start, house, clerk, target, subject } = await raced()
      const owner = { organization, identity: target.id }
      const outcomes = await start([
        () => bindTo(house, subject, [{ role: 'admin' }]),
        () => clerk.manage.clientSecrets.create(owner),
      ])
      const { items } = await house.host.clientSecrets.list(owner)
      const events = (await house.recorded()).map(({ type }) => type)
      const isBefore =
        events.lastIndexOf('client_secret.created') < events.lastIndexOf('role_binding.created')
      expect(outcomes[0]).toBe('done')
      expect(items.length === 0 ? outcomes[1] : isBefore).toEqual(
        items.length === 0 ? 'permission_denied' : true,
      )
    }
  })

  test('assigns no role that is widened at the same time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { start, house, clerk, target } = await raced()
      const rules = [{ allow: ['secret:read' as const] }]
      const named = { organization, slug: 'reader', name: 'Reader', rules }
      const { id } = await clerk.manage.roles.create(named)
      const admin = await anActor(house, 'a vouched user', [
        { rules: [{ allow: ['role:*', 'secret:*'] }] },
      ])
      const wider = [{ allow: ['secret:*' as const] }]
      const outcomes = await start([
        () => admin.manage.roles.update({ organization, id, rules: wider }),
        () =>
          clerk.manage.roleBindings.create({
            organization,
            subject: { identity: target.id },
            role: id,
          }),
      ])
      // One of them saw the other: a wide role is not assigned, or a role that was is widened knowingly.
      const types = (await house.recorded()).map(({ type }) => type)
      const isAssignedFirst =
        types.lastIndexOf('role_binding.created') < types.lastIndexOf('role.updated')
      expect(outcomes[0]).toBe('done')
      expect(outcomes[1] === 'done' ? isAssignedFirst : outcomes[1]).toEqual(
        outcomes[1] === 'done' ? true : 'permission_denied',
      )
    }
  })

  test('gives nothing on the word of somebody who is demoted at the same time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { start, house, clerk } = await raced()
      const by = { organization, subject: { user: clerk.subject.id } }
      const [held] = (await house.host.roleBindings.list(by)).items
      const wanted = {
        organization,
        subject: { user: 'u_9' },
        rules: [{ allow: ['secret:read'] }] as const,
      }
      const outcomes = await start([
        () => house.host.roleBindings.delete({ organization, id: held?.id ?? '' }),
        () => clerk.manage.roleBindings.create(wanted),
      ])
      const claim = { user: 'u_9', organization, bindings: 'stored' } as const
      const gained = canOf(await house.countersign.principalFor(claim), 'secret:read', secret)
      expect(outcomes[0]).toBe('done')
      expect(gained).toBe(outcomes[1] === 'done')
      if (gained) {
        const types = (await house.recorded()).map(({ type }) => type)
        expect(types.lastIndexOf('role_binding.created')).toBeLessThan(
          types.lastIndexOf('role_binding.deleted'),
        )
      }
    }
  })

  test('judges by what somebody holds now, not when as() was called', async () => {
    const { house, clerk } = await raced()
    const by = { organization, subject: { user: clerk.subject.id } }
    const [held] = (await house.host.roleBindings.list(by)).items
    await house.host.roleBindings.delete({ organization, id: held?.id ?? '' })
    const wanted = { organization, subject: { user: 'u_9' }, role: 'no-access' }
    await expect(clerk.manage.roleBindings.create(wanted)).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'forbidden',
    })
  })
})
