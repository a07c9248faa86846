import assert from 'node:assert/strict'
import type { Invalidation, InvalidationChannel } from '@countersign/core/plugin'
import { redisChannel } from '@countersign/redis'
import type { ChannelGapSubject } from '@countersign/testing/conformance'
import { channelCases, channelGapCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import type { ClientKind } from './support/clients.ts'
import { clientKinds, connect, ownPrefix, redisUrl } from './support/clients.ts'

const url = await redisUrl()

describe.skipIf(url === undefined)('redisChannel()', async () => {
  if (url === undefined) return
  const admin = await connect(url)
  const ends: (() => Promise<unknown>)[] = [admin.end]
  afterAll(() => Promise.all(ends.map((end) => end())))

  async function node(kind: ClientKind, prefix: string): Promise<InvalidationChannel> {
    const publisher = await kind.connect(url ?? '')
    const subscriber = await kind.listen(url ?? '')
    ends.push(publisher.end, subscriber.end)
    return redisChannel({ publisher: publisher.client, subscriber: subscriber.client, prefix })
  }

  function subjectOf(kind: ClientKind): ChannelGapSubject {
    return {
      createNodes(count) {
        const prefix = ownPrefix()
        return Promise.all(Array.from({ length: count }, () => node(kind, prefix)))
      },
      interrupt: async () => void (await admin.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')),
    }
  }

  for (const kind of clientKinds)
    describe(kind.name, () => {
      for (const { name, run } of channelCases) test(name, () => run(subjectOf(kind)))
    })

  // Cuts every connection of the server that listens, so these come one after the other, behind the others.
  for (const kind of clientKinds)
    describe(kind.name, () => {
      for (const { name, run } of channelGapCases) test(name, () => run(subjectOf(kind)))
    })

  test('publish() of one family of clients reaches the subscribers of another', async () => {
    const prefix = ownPrefix()
    const [ioredis, nodeRedis] = clientKinds
    assert.ok(ioredis !== undefined && nodeRedis !== undefined)
    const nodes = [await node(ioredis, prefix), await node(nodeRedis, prefix)] as const
    for (const [from, to] of [nodes, [nodes[1], nodes[0]]] as const) {
      const ear = await listenTo(to)
      await from.publish({ kind: 'session', organization: 'acme', id: 'sid_1', from: 'a' })
      assert.deepEqual(await ear.next(), {
        kind: 'session',
        organization: 'acme',
        id: 'sid_1',
        from: 'a',
      })
    }
  })

  test('CLU-006 whatever is published can only make nodes forget', async () => {
    const prefix = ownPrefix()
    const [kind] = clientKinds
    assert.ok(kind !== undefined)
    const channel = await node(kind, prefix)
    const forged: readonly (readonly [unknown, Invalidation])[] = [
      ['garbage', { kind: 'everything' }],
      [
        { v: 1, changes: [{ kind: 'unrevoke', organization: 'acme', id: 'sid_1' }] },
        { kind: 'everything' },
      ],
      [{ v: 1, changes: 'none' }, { kind: 'everything' }],
      [{ v: 1, changes: [{ kind: 'session', id: 'sid_1' }] }, { kind: 'everything' }],
      [
        { v: 1, changes: [{ kind: 'identity', organization: 'acme', id: 7 }] },
        { kind: 'everything' },
      ],
      [{ v: 1, changes: [null] }, { kind: 'everything' }],
      [null, { kind: 'everything' }],
      [{ v: 1, changes: [{ kind: 'keys', grant: 'admin' }] }, { kind: 'keys' }],
    ]
    const ear = await listenTo(channel)
    for (const [message, expected] of forged) {
      await admin.client.publish(`${prefix}:1:changes`, JSON.stringify(message))
      assert.deepEqual(await ear.next(), expected)
    }
  })

  test('CLU-008 a node forgets everything where a later version says what it cannot read', async () => {
    const prefix = ownPrefix()
    const [kind] = clientKinds
    assert.ok(kind !== undefined)
    const channel = await node(kind, prefix)
    const ear = await listenTo(channel)
    for (const later of [
      { v: 2, told: ['tenant acme'] },
      { v: 1, changes: [{ kind: 'tenant', id: 'acme' }] },
    ]) {
      await admin.client.publish(`${prefix}:1:changes`, JSON.stringify(later))
      assert.deepEqual(await ear.next(), { kind: 'everything' })
    }
  })

  test('CLU-005 a storm of changes is a few messages, and everything where it is too much', async () => {
    const prefix = ownPrefix()
    const [kind] = clientKinds
    assert.ok(kind !== undefined)
    const [from, to] = [await node(kind, prefix), await node(kind, prefix)]
    const watcher = await connect(url)
    ends.push(watcher.end)
    let messages = 0
    let longest = 0
    watcher.client.on('message', (_, text: string) => {
      messages += 1
      longest = Math.max(longest, text.length)
    })
    await watcher.client.subscribe(`${prefix}:1:changes`)
    const heard: Invalidation[] = []
    let last: (() => void) | undefined
    const ended = new Promise<void>((resolve) => {
      last = resolve
    })
    await to.subscribe((invalidation) => {
      heard.push(invalidation)
      if (invalidation.kind === 'keys') last?.()
    })
    const storm = Array.from({ length: 50_000 }, (_, index) =>
      from.publish({ kind: 'session', organization: 'acme', id: `sid_${index}` }),
    )
    await Promise.all(storm)
    await from.publish({ kind: 'keys' })
    await ended
    assert.ok(messages <= 5, `${messages} messages`)
    assert.ok(longest < 100_000, `${longest} characters`)
    assert.ok(heard.some(({ kind: what }) => what === 'everything'))
  })
})

interface Ear {
  /** The next message that the channel delivers. */
  next(): Promise<Invalidation>
}

async function listenTo(channel: InvalidationChannel): Promise<Ear> {
  const heard: Invalidation[] = []
  let awaited: ((invalidation: Invalidation) => void) | undefined
  await channel.subscribe((invalidation) => {
    if (awaited === undefined) heard.push(invalidation)
    else awaited(invalidation)
    awaited = undefined
  })
  return {
    next: async () =>
      heard.shift() ??
      new Promise((resolve) => {
        awaited = resolve
      }),
  }
}
