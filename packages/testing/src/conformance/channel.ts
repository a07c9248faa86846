import assert from 'node:assert/strict'
import type { Invalidation, InvalidationChannel } from '@countersign/core/plugin'
import type { Case } from './case.ts'
import { within } from './deadline.ts'

/** What the author of a channel hands over. */
export interface ChannelSubject {
  /** Creates the channels of so many nodes of one new deployment. */
  createNodes(count: number): Promise<readonly InvalidationChannel[]>
}

/** What the author of a channel with a connection hands over as well. */
export interface ChannelGapSubject extends ChannelSubject {
  /** Cuts the connection of every node, and resolves when it is cut; the channel restores it by itself. */
  interrupt(): Promise<void>
}

/** What the author of a channel hands over that can speak in a transaction of a host's. */
export interface ChannelWithinSubject extends ChannelSubject {
  /** Runs a transaction of the host: committed where `run` resolves, rolled back where it rejects. */
  hostTransaction<T>(run: (transaction: unknown) => Promise<T>): Promise<T>
}

const IDENTITY: Invalidation = { kind: 'identity', organization: 'acme', id: 'idn_1' }
const SESSION: Invalidation = { kind: 'session', organization: 'acme', id: 'sid_1' }
const EVERYTHING: Invalidation = { kind: 'everything' }
const EVERY_KIND: readonly Invalidation[] = [
  IDENTITY,
  SESSION,
  { kind: 'organization', id: 'acme' },
  { kind: 'keys' },
  EVERYTHING,
]

/** Seconds that a message between two nodes may take: a guard against hanging, not a promise. */
const PATIENCE = 10

/** Every rule of the contract of channels. */
export const channelCases: readonly Case<ChannelSubject>[] = [
  {
    name: 'publish MUST reach the subscribers of its own node before it resolves',
    async run(subject) {
      const [node] = await nodes(subject, 1)
      const [first, second] = [await listenTo(node), await listenTo(node)]
      for (const [index, invalidation] of EVERY_KIND.entries()) {
        await node.publish(invalidation)
        assert.deepEqual(first.heard.at(index), invalidation)
        assert.deepEqual(second.heard.at(index), invalidation)
      }
    },
  },
  {
    name: 'publish MUST reach the subscribers of other nodes',
    async run(subject) {
      const [node, other] = await nodes(subject, 2)
      const listener = await listenTo(other)
      const heard = listener.hears(SESSION)
      await node.publish(IDENTITY)
      await node.publish(SESSION)
      await within(PATIENCE, 'The message of another node', heard)
      assert.deepEqual(listener.heard, [IDENTITY, SESSION])
    },
  },
  {
    name: 'publish MUST carry `from` and `at` as they are',
    async run(subject) {
      const [node, other] = await nodes(subject, 2)
      const listeners = [await listenTo(node), await listenTo(other)]
      const heard = Promise.all(listeners.map((listener) => listener.hears(IDENTITY)))
      const signed: Invalidation = { ...IDENTITY, from: 'a node', at: 1_772_366_400_001 }
      await node.publish(signed)
      await within(PATIENCE, 'The message of another node', heard)
      for (const listener of listeners) assert.deepEqual(listener.heard, [signed])
    },
  },
  {
    name: 'publish MUST resolve where nobody listens',
    async run(subject) {
      const [node] = await nodes(subject, 1)
      await node.publish(EVERYTHING)
    },
  },
  {
    name: 'The function that subscribe answers MUST end the delivery',
    async run(subject) {
      const [node] = await nodes(subject, 1)
      const [first, second] = [await listenTo(node), await listenTo(node)]
      await node.publish(IDENTITY)
      first.stop()
      await node.publish(SESSION)
      first.stop()
      assert.deepEqual([first.heard, second.heard], [[IDENTITY], [IDENTITY, SESSION]])
    },
  },
  {
    name: 'The function that subscribe answers MUST end one delivery of a listener that has two',
    async run(subject) {
      const [node] = await nodes(subject, 1)
      const heard: Invalidation[] = []
      const listener = (invalidation: Invalidation): void => void heard.push(invalidation)
      const stop = await node.subscribe(listener)
      await node.subscribe(listener)
      stop()
      await node.publish(IDENTITY)
      assert.deepEqual(heard, [IDENTITY])
    },
  },
]

/** What a channel does whose connection can break; one without a connection declares that these do not apply. */
export const channelGapCases: readonly Case<ChannelGapSubject>[] = [
  {
    name: 'subscribe MUST deliver `everything` after each gap in the connection',
    async run(subject) {
      const [node, other] = await nodes(subject, 2)
      for (const each of [await listenTo(node), await listenTo(other)])
        for (let gap = 0; gap < 2; gap += 1) {
          const heard = each.hears(EVERYTHING)
          await subject.interrupt()
          await within(PATIENCE, 'The message after a gap', heard)
        }
    },
  },
]

/** What a channel does that shares a database with the host; any other one has no `publishWithin`. */
export const channelWithinCases: readonly Case<ChannelWithinSubject>[] = [
  {
    name: 'publishWithin MUST reach the subscribers of every node when the transaction has committed',
    async run(subject) {
      const [node, other] = await nodes(subject, 2)
      const listeners = [await listenTo(node), await listenTo(other)]
      const heard = listeners.map((listener) => listener.hears(SESSION))
      await subject.hostTransaction(async (transaction) => {
        await node.publishWithin?.(transaction, IDENTITY)
        await node.publishWithin?.(transaction, SESSION)
        // Whatever is heard too early is heard before this.
        await node.publish({ kind: 'keys' })
        for (const listener of listeners) await seen(listener, 'keys')
        for (const listener of listeners) assert.deepEqual(listener.heard, [{ kind: 'keys' }])
      })
      await within(PATIENCE, 'The message of a transaction', Promise.all(heard))
      for (const listener of listeners)
        assert.deepEqual(listener.heard, [{ kind: 'keys' }, IDENTITY, SESSION])
    },
  },
  {
    name: 'publishWithin MUST reach nobody where the transaction is rolled back',
    async run(subject) {
      const [node, other] = await nodes(subject, 2)
      const listeners = [await listenTo(node), await listenTo(other)]
      const refused = subject.hostTransaction(async (transaction) => {
        await node.publishWithin?.(transaction, IDENTITY)
        throw new Error('The host changed its mind')
      })
      await assert.rejects(refused, { message: 'The host changed its mind' })
      await node.publish({ kind: 'keys' })
      for (const listener of listeners) await seen(listener, 'keys')
      for (const listener of listeners) assert.deepEqual(listener.heard, [{ kind: 'keys' }])
    },
  },
]

/** Waits until a listener has heard a message of a kind. */
async function seen(listener: Listener, kind: 'keys'): Promise<void> {
  const coming = listener.hears({ kind })
  if (listener.heard.some((heard) => heard.kind === kind)) return
  await within(PATIENCE, 'The message that was published', coming)
}

interface Listener {
  readonly heard: readonly Invalidation[]
  readonly stop: () => void
  /** Resolves when a message of this kind comes. */
  hears(wanted: Invalidation): Promise<void>
}

async function listenTo(channel: InvalidationChannel): Promise<Listener> {
  const heard: Invalidation[] = []
  const awaited = new Map<Invalidation['kind'], () => void>()
  const stop = await channel.subscribe((invalidation) => {
    heard.push(invalidation)
    awaited.get(invalidation.kind)?.()
  })
  return {
    heard,
    stop,
    hears: ({ kind }) => new Promise((resolve) => void awaited.set(kind, resolve)),
  }
}

async function nodes(
  { createNodes }: ChannelSubject,
  count: number,
): Promise<readonly [InvalidationChannel, InvalidationChannel]> {
  const [first, second = first] = await createNodes(count)
  assert.ok(first !== undefined && second !== undefined)
  return [first, second]
}
