import type { Event } from '../model/event.ts'

/** An event at its place in the stream. */
export interface PlacedEvent {
  readonly position: number
  readonly event: Event
}

/**
 * The recorded events of a deployment, in the order they were committed.
 *
 * 1. `read` MUST answer events behind `after` in the order of their positions, and skip none that could still appear.
 * 2. `advance` MUST never move a sink's place backwards.
 */
export interface Outbox {
  /** Records events that belong to no other write: refusals. */
  append(events: readonly Event[]): Promise<void>
  read(after: number, limit: number): Promise<readonly PlacedEvent[]>
  placeOf(sink: string): Promise<number>
  advance(sink: string, position: number): Promise<void>
}
