import { expect, test } from 'vitest'
import { memoryChannel } from '../../src/memory/memory-channel.ts'
import type { Invalidation, InvalidationChannel } from '../../src/ports/channel.ts'
import { fromMessageText, toMessageText } from '../../src/ports/channel-message.ts'
import { START } from '../support/clock.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { aMeter } from '../support/meter.ts'

/** A channel that holds messages back, and lets them go as texts. */
function aSlowChannel() {
  const inner = memoryChannel()
  const held: Invalidation[] = []
  const channel: InvalidationChannel = {
    ...inner,
    publish: async (invalidation) => void held.push(invalidation),
  }
  return {
    channel,
    held,
    async deliver() {
      const { invalidations } = fromMessageText(toMessageText({ invalidations: held.splice(0) }))
      for (const invalidation of invalidations) await inner.publish(invalidation)
    },
  }
}

/** A node whose own clock is so many seconds ahead, and which listens. */
async function aNode(
  channel: InvalidationChannel,
  first: TestEngine,
  { ahead }: { ahead: number },
) {
  const { meter, of } = aMeter()
  const local = () => new Date(first.clock.now().getTime() + ahead * 1000)
  const { countersign } = anEngine({ channel, meter, beside: first, local })
  const stop = new AbortController()
  await countersign.ready()
  const running = countersign.run({ signal: stop.signal })
  const lags = () => of('countersign.channel.lag').map(({ value }) => value)
  const end = async () => {
    stop.abort()
    await running
  }
  return { countersign, lags, end }
}

test('a node tells how long the word of another one was under way, by the clock of the authority', async () => {
  const { channel, held, deliver } = aSlowChannel()
  const first = anEngine({ channel })
  await first.host.organizations.create({ id: 'acme', name: 'Acme' })
  const second = await aNode(channel, first, { ahead: 100 })
  await first.host.organizations.delete({ id: 'acme' })
  expect(held).toMatchObject([{ kind: 'organization', at: START.getTime() }])
  first.clock.advance(2)
  await deliver()
  expect(second.lags()).toEqual([2])
  await second.end()
})

test('a node measures no lag of its own word, of an older node, or below zero', async () => {
  const channel = memoryChannel()
  const first = anEngine({ channel })
  await first.host.organizations.create({ id: 'acme', name: 'Acme' })
  const second = await aNode(channel, first, { ahead: -100 })
  await second.countersign.asHost('test').organizations.delete({ id: 'acme' })
  await channel.publish({ kind: 'keys', from: 'an older node' })
  await channel.publish({ kind: 'everything' })
  expect(second.lags()).toEqual([])
  await channel.publish({ kind: 'keys', from: 'hasty', at: START.getTime() + 5 })
  expect(second.lags()).toEqual([0])
  await second.end()
})

test('fromMessageText() keeps who sent a change and when, and nothing that is neither', () => {
  const sent: Invalidation = { kind: 'keys', from: 'a node', at: 1 }
  expect(fromMessageText(toMessageText({ invalidations: [sent] })).invalidations).toEqual([sent])
  const odd = { ...sent, from: 7, at: 'soon' } as never
  expect(fromMessageText(toMessageText({ invalidations: [odd] })).invalidations).toEqual([
    { kind: 'keys' },
  ])
})
