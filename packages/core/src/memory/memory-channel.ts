import type { Invalidation, InvalidationChannel } from '../plugin.ts'

/** Creates a channel between the engines of one process. It has no connection, so there are no gaps in it. */
export function memoryChannel(): InvalidationChannel {
  const listeners = new Set<Listener>()
  return {
    async publish(invalidation) {
      for (const { listen } of [...listeners]) listen(invalidation)
    },
    async subscribe(listen) {
      // One entry per subscription: a function may listen twice, and stop once.
      const listener: Listener = { listen }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

interface Listener {
  readonly listen: (invalidation: Invalidation) => void
}
