import type { Outbox } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does } from '../db.ts'
import { fromEvents } from '../records.ts'
import { appendEvents, appendEventsOnce } from '../statements/outbox.ts'

/** Creates the door through which events of no other write enter. Nobody who writes locks what another one writes. */
export function createOutbox(db: Db): Outbox {
  return {
    async append(events) {
      if (events.length > 0) await db.ask(appendEvents, [fromEvents(events)])
    },
    appendOnce: ({ key, until }, now, events) =>
      does(db, appendEventsOnce, [key, until.getTime(), now.getTime(), fromEvents(events)]),
  }
}
