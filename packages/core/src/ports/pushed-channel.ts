import type { Random } from '../lib/ids.ts'
import { mintNonce } from '../lib/ids.ts'
import type { Invalidation, InvalidationChannel } from './channel.ts'
import { EVERYTHING, fromMessageText, toMessageText } from './channel-message.ts'

/** A connection that carries texts to all nodes. */
export interface PushConnection {
  /** Sends a text to every node, or rejects where it may not have arrived. */
  send(text: string): Promise<void>
  /** Receives until the function that it answers is called; what this node sent comes back, too. */
  receive(receiver: PushReceiver): Promise<() => void>
  /** The bytes of the longest text that it can carry; any where absent. */
  readonly longest?: number
}

/** Who is told what arrives. */
export interface PushReceiver {
  arrived(text: string): void
  /** Something may have been missed, and from now on nothing is. */
  gap(): void
}

/** Changes that wait for a message which is under way; beyond so many, nodes forget everything instead. */
const MOST_WAITING = 1000

type Listen = (invalidation: Invalidation) => void

/**
 * Creates a channel on a connection that carries texts.
 *
 * What is published while a message is under way goes with the next one, so that a storm of changes is a few messages. A
 * message that could not be sent is made good by `everything` as soon as one can.
 */
export function createPushedChannel(
  connection: PushConnection,
  random: Random,
): InvalidationChannel {
  const listeners = createListeners()
  const sender = mintNonce(random)
  const post = createPost(connection, sender)
  const receiver: PushReceiver = {
    gap: () => listeners.tell(EVERYTHING),
    arrived(text) {
      const message = fromMessageText(text)
      if (message.sender !== sender) message.invalidations.forEach(listeners.tell)
    },
  }
  const reception = createReception(() => connection.receive(receiver))

  return {
    async publish(invalidation) {
      listeners.tell(invalidation)
      await post(invalidation)
    },
    async subscribe(listen) {
      const release = await reception()
      const stop = listeners.add(listen)
      return () => {
        stop()
        release()
      }
    },
  }
}

function createListeners() {
  const listeners = new Set<{ readonly listen: Listen }>()
  return {
    tell(invalidation: Invalidation): void {
      for (const { listen } of [...listeners]) listen(invalidation)
    },
    /** One entry per subscription: a function may listen twice, and stop once. */
    add(listen: Listen): () => void {
      const listener = { listen }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Receives while anybody holds it; answers how to let go of it. */
function createReception(receive: () => Promise<() => void>): () => Promise<() => void> {
  let held = 0
  let receiving: Promise<() => void> | undefined

  function letGo(): void {
    held -= 1
    if (held > 0 || receiving === undefined) return
    receiving.then(
      (stop) => stop(),
      () => undefined,
    )
    receiving = undefined
  }

  return async () => {
    held += 1
    receiving ??= receive()
    try {
      await receiving
    } catch (error) {
      held -= 1
      receiving = undefined
      throw error
    }
    let holds = true
    return () => {
      if (holds) letGo()
      holds = false
    }
  }
}

/** Sends one message at a time. */
function createPost(
  { send, longest = Number.POSITIVE_INFINITY }: PushConnection,
  sender: string,
): (invalidation: Invalidation) => Promise<void> {
  let waiting: Invalidation[] = []
  let next: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()
  let owed = false

  async function sendWaiting(): Promise<void> {
    const told = owed || waiting.length > MOST_WAITING ? [EVERYTHING] : waiting
    waiting = []
    next = undefined
    const text = toMessageText({ sender, invalidations: told })
    const fits = text.length * MOST_BYTES_PER_UNIT <= longest
    owed = true
    await send(fits ? text : toMessageText({ sender, invalidations: [EVERYTHING] }))
    owed = false
  }

  return (invalidation) => {
    if (waiting.length <= MOST_WAITING) waiting.push(invalidation)
    if (next === undefined) {
      next = last.then(sendWaiting)
      last = next.catch(() => undefined)
    }
    return next
  }
}

/** UTF-8 takes at most so many bytes for one unit of a string. */
const MOST_BYTES_PER_UNIT = 3
