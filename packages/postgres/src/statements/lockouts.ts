import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

/** A range, because an index answers it whether or not an identity is named. */
const isOfIdentity = (identity: string): string =>
  `identity BETWEEN coalesce(${identity}::text, '') AND coalesce(${identity}, '~')`

/**
 * Finds the locks that stand.
 *
 * $1 organization · $2 identity and $3 method, if they are named · $4 now
 */
export const findLocks: Statement = statement(`
  SELECT json_build_object(
    'identity', identity, 'method', method, 'class', class, 'failures', failures, 'expiresAt', expires_at
  )::text AS answer
  FROM @counters
  WHERE organization = $1 AND ${isOfIdentity('$2')} AND ($3::text IS NULL OR method = $3)
    AND locked AND $4::bigint < expires_at
  ORDER BY identity, method, class`)

/**
 * Takes counters away and answers a row for each lock that ended.
 *
 * $5 events
 */
export const clearCounters: Statement = statement(`
  WITH cleared AS (
    DELETE FROM @counters
    WHERE organization = $1 AND ${isOfIdentity('$2')} AND ($3::text IS NULL OR method = $3)
    RETURNING locked AND $4::bigint < expires_at AS locks
  ), ended AS (
    SELECT FROM cleared WHERE locks
  ), ${noteIf('ended', 5)}
  SELECT 'ended' AS answer FROM ended`)
