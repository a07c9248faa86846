import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/** Thirty days after its end a credential is forgotten. */
const LISTED = 30 * 86_400_000

/** Nodes that sweep at once take other rows, and wait for nobody. */
const forget = (table: string, isOver: string): Statement =>
  statement(`
  WITH gone AS (
    DELETE FROM @${table} WHERE ctid IN (
      SELECT ctid FROM @${table} WHERE ${isOver} LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  )
  SELECT count(*)::text AS answer FROM gone`)

/** What is past its end at $1, at most $2 rows of each table. */
export const sweepStatements: readonly Statement[] = [
  forget('counters', 'expires_at <= $1::bigint'),
  forget('revocations', 'until <= $1::bigint'),
  forget('once', 'until <= $1::bigint'),
  forget('use_counts', 'until <= $1::bigint'),
  forget('credentials', `ended_at <= $1::bigint - ${LISTED}`),
  forget('known_sources', 'until <= $1::bigint'),
  forget('repeats', 'until <= $1::bigint'),
]
