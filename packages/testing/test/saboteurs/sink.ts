import type { Event, EventSink } from '@countersign/core/plugin'
import type { SinkOutageSubject, SinkSubject } from '@countersign/testing/conformance'
import type { Saboteur } from './saboteur.ts'

type Write = (received: Event[], events: readonly Event[]) => void

const keep: Write = (received, events) => void received.push(...events)

/** A sink that keeps what it is given in a list. */
export function listSink(write: Write = keep, name: () => string = () => 'list'): SinkSubject {
  return {
    async createSink() {
      const received: Event[] = []
      const sink: EventSink = { name: name(), write: (events) => write(received, events) }
      return { sink, received: async () => received.map(({ id }) => id) }
    },
  }
}

/** A sink whose destination takes nothing. */
export const closedSink: SinkOutageSubject = {
  createUnreachable: async () => ({
    name: 'closed',
    write: () => Promise.reject(new Error('closed')),
  }),
}

let named = 0

export const sinkSaboteurs: readonly Saboteur<SinkSubject>[] = [
  {
    bug: 'throws at what it knows already',
    caughtBy: 'write MUST tolerate an event twice',
    subject: listSink((received, events) => {
      if (events.some(({ id }) => received.some((known) => known.id === id)))
        throw new Error('twice')
      keep(received, events)
    }),
  },
  {
    bug: 'puts new events first',
    caughtBy: 'write MUST keep every event, in order',
    subject: listSink((received, events) => void received.unshift(...events)),
  },
  {
    bug: 'keeps the first of a batch only',
    caughtBy: 'write MUST keep every event, in order',
    subject: listSink((received, events) => keep(received, events.slice(0, 1))),
  },
  {
    bug: 'changes what it was given',
    caughtBy: 'write MUST NOT change the events it is given',
    subject: listSink((received, events) => {
      keep(received, structuredClone(events))
      for (const event of events) Reflect.deleteProperty(event, 'actor')
    }),
  },
  {
    bug: 'has another name each time',
    caughtBy: 'name MUST stay the same, for it keeps the place in the stream',
    subject: listSink(keep, () => {
      named += 1
      return `list ${named}`
    }),
  },
]

/** Takes a failure for success. */
export const silentSink: Saboteur<SinkOutageSubject> = {
  bug: 'swallows its failures',
  caughtBy: 'write MUST throw or reject where it has not written',
  subject: { createUnreachable: async () => ({ name: 'silent', write: () => undefined }) },
}
