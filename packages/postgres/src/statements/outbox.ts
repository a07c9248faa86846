import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { EVENT_COLUMNS } from './parts.ts'

/** Records events. */
export const appendEvents: Statement = statement(`
  INSERT INTO @outbox (organization, event)
  SELECT ${EVENT_COLUMNS} FROM unnest($1::text[]) WITH ORDINALITY AS e (event, place)
  ORDER BY e.place`)
