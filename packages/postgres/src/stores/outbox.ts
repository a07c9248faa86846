import type { Event, Outbox } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readAll } from '../db.ts'
import type { Json } from '../records.ts'
import { fromEvents, toEvent } from '../records.ts'
import * as statements from '../statements/outbox.ts'

/** How many events get their place at once. */
const BATCH = 1000

/**
 * Creates the stream of recorded events. Writers leave them in a table that nobody locks; readers, one at a time, give
 * places to those that are committed. `scope` tells deployments in one database apart.
 */
export function createOutbox(db: Db, scope: string): Outbox {
  async function place(): Promise<void> {
    if (!(await does(db, statements.hasUnplacedEvents, []))) return
    await db.atomic(async (held) => {
      await held.ask(statements.holdPlaces, [`${scope}/events`])
      await held.ask(statements.placeEvents, [BATCH])
    })
  }

  return {
    async append(events) {
      if (events.length > 0) await db.ask(statements.appendEvents, [fromEvents(events)])
    },
    async read(after, limit) {
      await place()
      const placed = await readAll<PlacedAnswer>(db, statements.readEvents, [after, limit])
      return placed.map(({ position, event }) => ({ position, event: toEvent(event) }))
    },
    async placeOf(sink) {
      const [position] = await db.ask(statements.findSinkPlace, [sink])
      return Number(position ?? 0)
    },
    async advance(sink, position) {
      await db.ask(statements.advanceSink, [sink, position])
    },
  }
}

interface PlacedAnswer {
  readonly position: number
  readonly event: Json<Event>
}
