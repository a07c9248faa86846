import assert from 'node:assert/strict'
import type { Event, EventSink, SinkContext } from '@countersign/core/plugin'
import { systemRuntime } from '@countersign/core/runtime'
import type { Case } from './case.ts'
import { at, createRecords } from './storage/records.ts'

/** What the author of a sink hands over. */
export interface SinkSubject {
  /** Creates a sink of a destination that is empty. */
  createSink(): Promise<ReadableSink>
}

/** A sink, and what its destination has received. */
export interface ReadableSink {
  readonly sink: EventSink
  /** The events at the destination, in order; one that was offered twice may be there twice. */
  received(): Promise<readonly Event['id'][]>
}

/** What the author of a sink with a distant destination hands over. */
export interface SinkOutageSubject {
  /** Creates a sink whose destination takes nothing. */
  createUnreachable(): Promise<EventSink>
}

/** Every rule of the contract of sinks. */
export const sinkCases: readonly Case<SinkSubject>[] = [
  {
    name: 'write MUST keep every event, in order',
    async run({ createSink }) {
      const { sink, received } = await createSink()
      const events = someEvents(7)
      await sink.write(events.slice(0, 3), aContext())
      await sink.write([], aContext())
      await sink.write(events.slice(3), aContext())
      assert.deepEqual([...new Set(await received())], idsOf(events))
    },
  },
  {
    name: 'write MUST tolerate an event twice',
    async run({ createSink }) {
      const { sink, received } = await createSink()
      const events = someEvents(3)
      await sink.write(events, aContext())
      await sink.write(events, aContext())
      await sink.write([...events.slice(2), ...events.slice(2)], aContext())
      assert.deepEqual([...new Set(await received())], idsOf(events))
    },
  },
  {
    name: 'write MUST NOT change the events it is given',
    async run({ createSink }) {
      const { sink } = await createSink()
      const events = someEvents(2)
      const before = structuredClone(events)
      await sink.write(events, aContext())
      assert.deepEqual(events, before)
    },
  },
  {
    name: 'name MUST stay the same, for it keeps the place in the stream',
    async run({ createSink }) {
      const [one, other] = [await createSink(), await createSink()]
      assert.ok(one.sink.name.length > 0)
      assert.equal(other.sink.name, one.sink.name)
    },
  },
]

/** What a sink does that can fail; one that cannot declares that these do not apply. */
export const sinkOutageCases: readonly Case<SinkOutageSubject>[] = [
  {
    name: 'write MUST throw or reject where it has not written',
    async run({ createUnreachable }) {
      const sink = await createUnreachable()
      await assert.rejects(async () => sink.write(someEvents(1), aContext()))
    },
  },
]

function aContext(): SinkContext {
  return { now: at(0), signal: systemRuntime.deadline(30), fetch: systemRuntime.fetch }
}

function someEvents(count: number): readonly Event[] {
  const records = createRecords()
  return Array.from({ length: count }, () => records.event())
}

function idsOf(events: readonly Event[]): readonly Event['id'][] {
  return events.map(({ id }) => id)
}
