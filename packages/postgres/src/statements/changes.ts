import { statement } from '../statement.ts'

/** Seconds that a message is kept: far longer than any node waits between two looks. */
export const KEPT = 600

/** Writes the message $1 for all nodes. */
export const tellChange = statement(`
  INSERT INTO @changes (message) VALUES ($1::text) RETURNING id::text AS answer`)

/** Forgets a few messages that every node has read by now; nodes that tidy at once wait for nobody. */
export const tidyChanges = statement(`
  WITH gone AS (
    DELETE FROM @changes WHERE id IN (
      SELECT id FROM @changes
      WHERE told_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - ${KEPT * 1000}
      LIMIT 100 FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  )
  SELECT count(*)::text AS answer FROM gone`)

/**
 * Answers what was committed since a look that answered $1, and from where to look next; without $1 the latter alone.
 *
 * Whatever a transaction writes that this look cannot see has the number of its oldest open one, or a later one. So nothing
 * is missed, and what such a transaction holds up is answered again.
 */
export const readChanges = statement(`
  SELECT json_build_object(
    'next', pg_snapshot_xmin(pg_current_snapshot())::text,
    'changes', coalesce((
      SELECT json_agg(json_build_array(id::text, message) ORDER BY transaction, id)
      FROM @changes WHERE transaction >= $1::text::xid8
    ), '[]')
  )::text AS answer`)
