import { memoryChannel } from '@countersign/core'
import type { Invalidation, InvalidationChannel } from '@countersign/core/plugin'
import type {
  ChannelGapSubject,
  ChannelSubject,
  ChannelWithinSubject,
} from '@countersign/testing/conformance'
import type { Saboteur } from './saboteur.ts'
import { tick } from './saboteur.ts'

/** The nodes of one process share one channel. */
export const honestChannel: ChannelSubject = {
  async createNodes(count) {
    const channel = memoryChannel()
    return Array.from({ length: count }, () => channel)
  },
}

/** A channel with a connection that can be cut, and what it says when it is back. */
export function breakableChannel(afterGap: 'everything' | 'nothing'): ChannelGapSubject {
  const channel = memoryChannel()
  return {
    createNodes: async () => [channel, channel],
    async interrupt() {
      if (afterGap === 'everything') await channel.publish({ kind: 'everything' })
      else await channel.publish({ kind: 'keys' })
    },
  }
}

function withBug(
  change: (channel: InvalidationChannel) => Partial<InvalidationChannel>,
): ChannelSubject {
  return {
    async createNodes(count) {
      const channel = memoryChannel()
      return Array.from({ length: count }, () => ({ ...channel, ...change(channel) }))
    },
  }
}

export const channelSaboteurs: readonly Saboteur<ChannelSubject>[] = [
  {
    bug: 'drops every other message',
    caughtBy: 'publish MUST reach the subscribers of its own node before it resolves',
    subject: withBug((channel) => {
      let count = 0
      return {
        async publish(invalidation) {
          count += 1
          if (count % 2 === 1) await channel.publish(invalidation)
        },
      }
    }),
  },
  {
    bug: 'delivers after it resolved',
    caughtBy: 'publish MUST reach the subscribers of its own node before it resolves',
    subject: withBug((channel) => ({
      async publish(invalidation) {
        void tick().then(() => channel.publish(invalidation))
      },
    })),
  },
  {
    bug: 'forgets when a message was sent',
    caughtBy: 'publish MUST carry `from` and `at` as they are',
    subject: withBug((channel) => ({
      publish: ({ at: _, ...invalidation }) => channel.publish(invalidation),
    })),
  },
  {
    bug: 'goes on after the end',
    caughtBy: 'The function that subscribe answers MUST end the delivery',
    subject: withBug((channel) => ({
      async subscribe(listener) {
        await channel.subscribe(listener)
        return () => undefined
      },
    })),
  },
  {
    bug: 'ends every delivery of a listener',
    caughtBy:
      'The function that subscribe answers MUST end one delivery of a listener that has two',
    subject: withBug((channel) => {
      const stops: (() => void)[] = []
      return {
        async subscribe(listener) {
          stops.push(await channel.subscribe(listener))
          return () => {
            for (const stop of stops) stop()
          }
        },
      }
    }),
  },
]

/** A channel that tells what a transaction published when it has committed, or at another moment. */
export function transactionalChannel(
  when: 'committed' | 'ended' | 'at once',
): ChannelWithinSubject {
  const channel = memoryChannel()
  const told: Invalidation[] = []
  const node: InvalidationChannel = {
    ...channel,
    async publishWithin(_, invalidation) {
      if (when === 'at once') await channel.publish(invalidation)
      else told.push(invalidation)
    },
  }
  const tell = async (): Promise<void> => {
    for (const invalidation of told.splice(0)) await channel.publish(invalidation)
  }
  return {
    createNodes: async () => [node, node],
    async hostTransaction(run) {
      try {
        const value = await run(undefined)
        await tell()
        return value
      } catch (error) {
        if (when === 'ended') await tell()
        throw error
      }
    },
  }
}

export const transactionalSaboteurs: readonly Saboteur<ChannelWithinSubject>[] = [
  {
    bug: 'tells of what may never be',
    caughtBy:
      'publishWithin MUST reach the subscribers of every node when the transaction has committed',
    subject: transactionalChannel('at once'),
  },
  {
    bug: 'tells of what was rolled back',
    caughtBy: 'publishWithin MUST reach nobody where the transaction is rolled back',
    subject: transactionalChannel('ended'),
  },
]
