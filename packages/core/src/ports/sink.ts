import type { Event } from '../model/event.ts'

/** What a sink is handed beside the events. */
export interface SinkContext {
  readonly now: Date
  /** Aborts at the engine's deadline, after which the events count as not written; hand it on to every outbound call. */
  readonly signal: AbortSignal
  readonly fetch: typeof globalThis.fetch
}

/**
 * Where events go when they are committed: a log stream, a SIEM, a test.
 *
 * 1. The engine calls `write` at least once for each recorded event, in order; a sink MUST tolerate one twice.
 * 2. A `write` that throws or rejects MUST be read as "not written": the engine offers the same events again later.
 * 3. The engine hands over one batch at a time. A `write` SHOULD stop where its signal aborts.
 */
export interface EventSink {
  /** Keeps this sink's place in the stream; unique among the sinks of a deployment. */
  readonly name: string
  write(events: readonly Event[], context: SinkContext): void | Promise<void>
}
