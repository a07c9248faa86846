import type { PushReceiver } from '@countersign/core/plugin'

/** The little of an ioredis that listens. It is a connection of its own: one that listens can do nothing else. */
export interface IoredisSubscriber {
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  on(event: 'ready', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'message', listener: (channel: string, message: string) => void): unknown
  removeListener(event: 'ready', listener: () => void): unknown
}

/** The little of a node-redis that listens. It is a connection of its own: one that listens can do nothing else. */
export interface NodeRedisSubscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Tells this client from the other one. */
  readonly pSubscribe: unknown
  on(event: 'ready', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'ready', listener: () => void): unknown
}

/** A connection of the host's that does nothing but listen; it stays the host's to end. */
export type RedisSubscriber = IoredisSubscriber | NodeRedisSubscriber

/** Listens to one channel until the function that it answers is called. */
export async function listenOn(
  subscriber: RedisSubscriber,
  channel: string,
  receiver: PushReceiver,
): Promise<() => void> {
  const { listen, stop } =
    'pSubscribe' in subscriber
      ? onNodeRedis(subscriber, channel, receiver)
      : onIoredis(subscriber, channel, receiver)
  // Both clients subscribe again by themselves; only when that is confirmed the gap has ended.
  const returned = (): void => void listen().then(() => receiver.gap(), ignore)
  try {
    await listen()
  } catch (error) {
    stop().catch(ignore)
    throw error
  }
  subscriber.on('ready', returned)
  return () => {
    subscriber.removeListener('ready', returned)
    stop().catch(ignore)
  }

  function ignore(): void {}
}

interface Listening {
  /** Resolves when Redis has confirmed; it may be called again. */
  listen(): Promise<unknown>
  stop(): Promise<unknown>
}

function onNodeRedis(
  subscriber: NodeRedisSubscriber,
  channel: string,
  { arrived }: PushReceiver,
): Listening {
  return {
    listen: () => subscriber.subscribe(channel, arrived),
    stop: () => subscriber.unsubscribe(channel, arrived),
  }
}

function onIoredis(
  subscriber: IoredisSubscriber,
  channel: string,
  { arrived }: PushReceiver,
): Listening {
  const heard = (from: string, message: string): void => {
    if (from === channel) arrived(message)
  }
  subscriber.on('message', heard)
  return {
    listen: () => subscriber.subscribe(channel),
    async stop() {
      subscriber.removeListener('message', heard)
      await subscriber.unsubscribe(channel)
    },
  }
}
