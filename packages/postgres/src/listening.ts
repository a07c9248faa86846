import type { PushReceiver, Runtime, Seconds } from '@countersign/core/plugin'
import type { PostgresConnection, PostgresPool } from './client.ts'
import { onTime } from './deadline.ts'

/** What a connection is notified of. */
export interface PostgresNotification {
  readonly channel: string
  readonly payload?: string | undefined
}

/** A connection that tells what it is notified of, as one of pg 8 does. */
export interface PostgresListener extends PostgresConnection {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(event: 'notification', listener: (notification: PostgresNotification) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'end', listener: () => void): unknown
  removeListener(
    event: 'notification',
    listener: (notification: PostgresNotification) => void,
  ): unknown
}

/** Lends connections that can listen, as a pool of pg 8 does. */
export interface PostgresListeningPool extends PostgresPool {
  connect(): Promise<PostgresListener>
}

/** What is listened to, and who is told. */
export interface Listening {
  readonly pool: PostgresListeningPool
  readonly runtime: Pick<Runtime, 'deadline' | 'pause'>
  readonly name: string
  readonly receiver: PushReceiver
}

/** Seconds that one step may take. */
const TIMEOUT: Seconds = 2
/** Seconds until a lost connection is replaced. */
const RECONNECT_AFTER: Seconds = 0.2
/** Seconds after which a silent connection is asked whether it is still one. */
const BEAT: Seconds = 5

/**
 * Listens on a connection of its own until the function that it answers is called. A connection that breaks, or has gone
 * silently, is replaced; what was missed meanwhile is told as a gap.
 */
export async function keepListening(listening: Listening): Promise<() => void> {
  const stop = new AbortController()
  const first = await startListening(listening)
  void listenOn(listening, first, stop.signal)
  return () => stop.abort()
}

/** Goes from one connection to the next. It ends by itself when it is stopped, and never rejects. */
async function listenOn(
  listening: Listening,
  first: PostgresListener,
  stop: AbortSignal,
): Promise<void> {
  const { runtime, receiver } = listening
  let listener: PostgresListener | undefined = first
  while (!stop.aborted) {
    if (listener !== undefined) await beat(listening, listener, stop)
    if (stop.aborted) return
    await runtime.pause(RECONNECT_AFTER, stop)
    listener = await startListening(listening).catch(() => undefined)
    if (listener !== undefined) receiver.gap()
  }
  listener?.release(true)
}

/** Takes a connection and has it notified. */
async function startListening(listening: Listening): Promise<PostgresListener> {
  const { pool, runtime, name, receiver } = listening
  const connecting = pool.connect()
  const listener = await onTime(connecting, runtime.deadline(TIMEOUT)).catch((error: unknown) => {
    connecting.then(
      (late) => late.release(),
      () => undefined,
    )
    throw error
  })
  listener.on('error', ignore)
  listener.on('notification', ({ channel, payload }) => {
    if (channel === name) receiver.arrived(payload ?? '')
  })
  try {
    await ask(listener, runtime, `LISTEN ${name}`)
    return listener
  } catch (error) {
    listener.release(true)
    throw error
  }
}

/** Resolves when the connection is of no use any more, or nobody wants it; gives it back in either case. */
async function beat(
  { runtime }: Listening,
  listener: PostgresListener,
  stop: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  listener.on('error', end)
  listener.on('end', end)
  stop.addEventListener('abort', end)
  try {
    while (!over.signal.aborted) {
      await runtime.pause(BEAT, over.signal)
      if (!over.signal.aborted) await ask(listener, runtime, 'SELECT 1')
    }
  } catch {
    // It did not answer.
  } finally {
    stop.removeEventListener('abort', end)
    // Whoever got it next would be notified, too.
    listener.release(true)
  }
}

function ask(
  listener: PostgresListener,
  { deadline }: Pick<Runtime, 'deadline'>,
  text: string,
): Promise<unknown> {
  const query = listener.query({ text, values: [], query_timeout: TIMEOUT * 1000 })
  return onTime(query, deadline(TIMEOUT))
}

function ignore(): void {}
