import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/** Reads how far a sink has come. */
export const findSinkPlace: Statement = statement(`
  SELECT position::text AS answer FROM @sink_places WHERE sink = $1`)

/** Takes a sink that nobody else holds at $4, until $3. */
export const claimSink: Statement = statement(`
  INSERT INTO @sink_places AS p (sink, holder, until) VALUES ($1, $2, $3)
  ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, until = excluded.until
  WHERE p.holder IS NULL OR p.holder = excluded.holder OR p.until <= $4
  RETURNING position::text AS answer`)

/** Notes how far a sink has come, never backwards. */
export const advanceSink: Statement = statement(`
  INSERT INTO @sink_places AS p (sink, position) VALUES ($1, $2)
  ON CONFLICT (sink) DO UPDATE SET position = greatest(p.position, excluded.position)`)

/** Ends the claim of one holder. */
export const releaseSink: Statement = statement(`
  UPDATE @sink_places SET holder = NULL, until = NULL WHERE sink = $1 AND holder = $2`)
