import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { EVENT_COLUMNS, noteIf } from './parts.ts'

/** Records events. */
export const appendEvents: Statement = statement(`
  INSERT INTO @outbox (organization, event)
  SELECT ${EVENT_COLUMNS} FROM unnest($1::text[]) WITH ORDINALITY AS e (event, place)
  ORDER BY e.place`)

/** Records events unless a mark stands. A digest of a digest is none of evidence, whatever somebody's evidence says. */
export const appendEventsOnce: Statement = statement(`
  WITH told AS (
    INSERT INTO @once AS o (digest, until)
    VALUES (sha256(sha256(convert_to($1, 'UTF8'))), $2::bigint)
    ON CONFLICT (digest) DO UPDATE SET until = excluded.until WHERE o.until <= $3::bigint
    RETURNING until
  ), ${noteIf('told', 4)}
  SELECT until::text AS answer FROM told`)
