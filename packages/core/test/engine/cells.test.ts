import { describe, expect, test } from 'vitest'
import { memoryChannel } from '../../src/memory/memory-channel.ts'
import type { Invalidation } from '../../src/ports/channel.ts'
import { aHouse, allowing, anActor, bindTo, KINDS } from '../support/house.ts'
import { createOutage } from '../support/storage.ts'

const secret = { project: 'one', environment: 'prod', path: '/x' }
const STORED = KINDS.filter((kind) => kind !== 'a vouched user')

describe.each(STORED)('can() of a kept handle of %s', (kind) => {
  test('is not believed for long, when what changed could not be asked', async () => {
    const outage = createOutage()
    const house = await aHouse({ around: outage.around })
    const actor = await anActor(house, kind, [])
    await bindTo(house, actor.subject, [allowing('secret:read')])
    expect(actor.can('secret:read', secret)).toBe(true)
    outage.begin('roleBindings.heldBy')
    const deny = bindTo(house, actor.subject, [{ rules: [{ deny: ['secret:read'] }] }])
    await expect(deny).rejects.toMatchObject({ code: 'unavailable' })
    house.clock.advance(1)
    expect(actor.can('secret:read', secret)).toBe(false)
    expect(actor.principal.explain('secret:read' as never, secret as never)).toMatchObject({
      reason: 'stale',
    })
  })
})

describe('a change', () => {
  test('is told to other nodes where its own node could not ask what it made', async () => {
    const outage = createOutage()
    const channel = memoryChannel()
    const heard: Invalidation[] = []
    await channel.subscribe((change) => void heard.push(change))
    const house = await aHouse({ around: outage.around, channel })
    const actor = await anActor(house, 'a stored user', [])
    heard.length = 0
    outage.begin('roleBindings.heldBy')
    await expect(bindTo(house, actor.subject, [{ role: 'viewer' }])).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(heard).toMatchObject([{ kind: 'user', organization: 'acme', id: actor.subject.id }])
  })
})
