import type { Event } from '../model/event.ts'

/**
 * Where events go when they are committed: a log stream, a SIEM, a test.
 *
 * 1. The engine calls `write` at least once for each recorded event, in order; a sink MUST tolerate one twice.
 * 2. A `write` that throws or rejects MUST be read as "not written": the engine offers the same events again later.
 */
export interface EventSink {
  /** Keeps this sink's place in the stream; unique among the sinks of a deployment. */
  readonly name: string
  write(events: readonly Event[]): void | Promise<void>
}
