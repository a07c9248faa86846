import type { EventSink } from '@countersign/core'

/** Writes each event as one line of JSON; events hold no secrets. */
export function createEventLog(output: NodeJS.WritableStream): EventSink {
  return {
    name: 'log',
    write(events) {
      for (const event of events) output.write(`${JSON.stringify(event)}\n`)
    },
  }
}
