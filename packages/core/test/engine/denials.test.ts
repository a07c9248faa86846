import { describe, expect, test } from 'vitest'
import type { TestEngine } from '../support/engine.ts'
import type { Actor } from '../support/house.ts'
import { aHouse, anActor, errorOf, KINDS } from '../support/house.ts'

const organization = 'acme'

async function denialsIn({ recorded }: TestEngine) {
  return (await recorded()).filter(({ type }) => type === 'permission.denied')
}

async function attempt({ manage }: Actor, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1)
    await errorOf(() => manage.identities.list({ organization }))
}

describe.each(KINDS)('a denial of %s', (kind) => {
  test('is one event that says who was refused what, and why', async () => {
    const house = await aHouse()
    const actor = await anActor(house, kind, [])
    await attempt(actor)
    expect(await denialsIn(house)).toMatchObject([
      {
        organization,
        actor: actor.subject,
        reason: 'forbidden',
        details: { refusal: 'missing_permission', permission: 'identity:read' },
      },
    ])
  })

  test('is recorded 60 times a minute, and beyond that as one event with a count', async () => {
    const house = await aHouse()
    const actor = await anActor(house, kind, [])
    await attempt(actor, 65)
    expect(await denialsIn(house)).toHaveLength(60)
    house.clock.advance(60)
    await house.countersign.maintain()
    expect((await denialsIn(house)).at(-1)).toMatchObject({ count: 5, actor: actor.subject })
  })

  test('spends nothing of what is recorded of others', async () => {
    const house = await aHouse()
    await attempt(await anActor(house, 'a vouched user', []), 61)
    const other = await anActor(house, kind, [])
    await attempt(other)
    expect((await denialsIn(house)).at(-1)).toMatchObject({ actor: other.subject })
  })

  test('stands in the name of whoever was refused, folded or not', async () => {
    const house = await aHouse()
    const [one, other] = [await anActor(house, kind, []), await anActor(house, kind, [])]
    for (const actor of [one, other]) await attempt(actor, 61)
    house.clock.advance(60)
    await house.countersign.maintain()
    const folded = (await denialsIn(house)).filter(({ count }) => count !== undefined)
    expect(folded.map(({ actor }) => actor)).toEqual([one.subject, other.subject])
  })
})

describe('a denial of a user', () => {
  test('spends nothing of the identity whose id the user has', async () => {
    const house = await aHouse()
    const identity = await anActor(house, 'an identity', [])
    const principal = house.countersign.principalFor({ user: identity.subject.id, organization })
    const { identities } = house.countersign.as(principal)
    for (let time = 0; time < 61; time += 1) await errorOf(() => identities.list({ organization }))
    await attempt(identity)
    expect((await denialsIn(house)).at(-1)).toMatchObject({ actor: identity.subject })
  })
})
