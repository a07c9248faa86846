import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/** Records events. */
export const appendEvents: Statement = statement(`
  INSERT INTO @outbox (event)
  SELECT e.event::json FROM unnest($1::text[]) WITH ORDINALITY AS e (event, place) ORDER BY e.place`)

/** One at a time: places are given in the order in which they become visible, so that no reader passes one by. */
export const holdPlaces: Statement = statement(`
  SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text AS answer`)

/** Gives the oldest events that are committed their places. */
export const placeEvents: Statement = statement(`
  WITH moved AS (
    DELETE FROM @outbox WHERE id IN (SELECT id FROM @outbox ORDER BY id LIMIT $1)
    RETURNING id, event
  )
  INSERT INTO @events (event) SELECT event FROM moved ORDER BY id`)

/** Tells whether an event waits for its place. */
export const hasUnplacedEvents: Statement = statement(`
  SELECT id::text AS answer FROM @outbox LIMIT 1`)

/** Reads events behind a position. */
export const readEvents: Statement = statement(`
  SELECT json_build_object('position', position, 'event', event)::text AS answer
  FROM @events WHERE position > $1 ORDER BY position LIMIT $2`)

/** Reads how far a sink has come. */
export const findSinkPlace: Statement = statement(`
  SELECT position::text AS answer FROM @sink_places WHERE sink = $1`)

/** Notes how far a sink has come, never backwards. */
export const advanceSink: Statement = statement(`
  INSERT INTO @sink_places AS p (sink, position) VALUES ($1, $2)
  ON CONFLICT (sink) DO UPDATE SET position = greatest(p.position, excluded.position)`)
