import type { Event, EventSink, SinkContext } from '../plugin.ts'

/**
 * Creates a sink that calls a function for one event after the other. What it throws at, and everything behind that, it is
 * handed again later, from the beginning of the batch.
 */
export function functionSink(
  name: string,
  write: (event: Event, context: SinkContext) => void | Promise<void>,
): EventSink {
  return Object.freeze<EventSink>({
    name,
    async write(events, context) {
      for (const event of events) {
        context.signal.throwIfAborted()
        await write(event, context)
      }
    },
  })
}
