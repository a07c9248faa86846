import type { InvalidationChannel, Runtime, Seconds } from '@countersign/core/plugin'
import { createPushedChannel, systemRuntime } from '@countersign/core/plugin'
import { createBreaker } from './breaker.ts'
import { createOnTime } from './deadlines.ts'
import { versionedPrefix } from './redis.ts'
import type { RedisSubscriber } from './subscriber.ts'
import { listenOn } from './subscriber.ts'

/** The little of ioredis and node-redis that publishes. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The two connections of a channel, and how they are used. */
export interface RedisChannelOptions {
  /** Any client of the host's: the one that counts, for example. */
  readonly publisher: RedisPublisher
  /** A connection that does nothing but listen; a plain one beside a Cluster, too. */
  readonly subscriber: RedisSubscriber
  /** What the name of the channel begins with; `countersign` where absent. */
  readonly prefix?: string
  /** Seconds until Redis counts as away; a tenth where absent. */
  readonly timeout?: Seconds
  /** Time and randomness, for tests: no app sets it. */
  readonly runtime?: Runtime
}

const DEFAULT_TIMEOUT: Seconds = 0.1

/** Seconds that the beginning may take: somebody waits for a connection, perhaps the first one. */
const SUBSCRIBE_TIMEOUT: Seconds = 2

/**
 * Creates a channel on Redis's publish and subscribe. A node that cannot send, or cannot hear, is as fresh as `cacheTtl`
 * makes it; when it is back, it or the others forget everything.
 */
export function redisChannel(options: RedisChannelOptions): InvalidationChannel {
  const { publisher, subscriber, timeout = DEFAULT_TIMEOUT, runtime = systemRuntime } = options
  const channel = `${versionedPrefix(options.prefix)}:changes`
  // A client without such a listener throws what nobody asked for, and takes the process down.
  for (const client of [publisher, subscriber]) client.on('error', () => undefined)
  const probe = async (): Promise<unknown> => publisher.publish(`${channel}:probe`, '')
  const breaker = createBreaker({ runtime, timeout, probe })
  const onTime = createOnTime(runtime, SUBSCRIBE_TIMEOUT)

  const pushed = createPushedChannel(
    {
      async send(text) {
        await breaker.ask(async () => publisher.publish(channel, text))
      },
      async receive(receiver) {
        const listening = listenOn(subscriber, channel, receiver)
        try {
          return await onTime(listening, silent)
        } catch (error) {
          // What begins too late is ended again.
          listening.then(
            (stop) => stop(),
            () => undefined,
          )
          throw error
        }
      },
    },
    runtime.random,
  )
  return { ...pushed, probe: () => breaker.ask(probe) }
}

function silent(): Error {
  return new Error('Redis did not confirm the subscription in time')
}
