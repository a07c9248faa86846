import type { SinkPlaces } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import * as statements from '../statements/sink-places.ts'

/** Creates the places of sinks, at the beginning of the stream. */
export function createSinkPlaces(db: Db): SinkPlaces {
  return {
    async placeOf(sink) {
      const [position] = await db.ask(statements.findSinkPlace, [sink])
      return Number(position ?? 0)
    },
    async claim({ sink, holder, until }, now) {
      const values = [sink, holder, until.getTime(), now.getTime()]
      const [position] = await db.ask(statements.claimSink, values)
      return position === undefined ? undefined : Number(position)
    },
    async advance(sink, position) {
      await db.ask(statements.advanceSink, [sink, position])
    },
    async release(sink, holder) {
      await db.ask(statements.releaseSink, [sink, holder])
    },
  }
}
