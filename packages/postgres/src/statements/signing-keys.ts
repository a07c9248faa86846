import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

const KEY = `json_build_object(
    'record', k.record, 'sealed', k.sealed, 'supersededAt', k.superseded_at, 'retiresAt', k.retires_at
  )`

/** Whoever changes the ring waits here for the one before, and reads in the next statement what that one left. */
export const holdKeys: Statement = statement(`
  SELECT epoch::text AS answer FROM @deployment FOR NO KEY UPDATE`)

/** Reads the whole ring of signing keys at its revision. */
export const findKeys: Statement = statement(`
  SELECT json_build_object('revision', d.key_revision, 'keys', (
    SELECT coalesce(json_agg(${KEY} ORDER BY k.active_from), '[]') FROM @signing_keys k
  ))::text AS answer
  FROM @deployment d`)

/** Stores a signing key if there is none. */
export const insertFirstKey: Statement = statement(`
  WITH made AS (
    INSERT INTO @signing_keys (kid, active_from, sealed, superseded_at, retires_at, record)
    SELECT $1, $2, $3, $4, $5, $6::text::json WHERE NOT EXISTS (SELECT FROM @signing_keys)
    RETURNING kid
  ), raised AS (
    UPDATE @deployment SET key_revision = key_revision + 1 WHERE EXISTS (SELECT FROM made)
  ), ${noteIf('made', 7)}
  SELECT kid AS answer FROM made`)

/**
 * Stores the successor of the newest key.
 *
 * $8 the key that is superseded · $9 when it retires
 */
export const insertNextKey: Statement = statement(`
  WITH newest AS (
    SELECT kid FROM @signing_keys ORDER BY active_from DESC LIMIT 1
  ), superseded AS (
    UPDATE @signing_keys k SET superseded_at = $2::bigint, retires_at = $9::bigint
    FROM newest WHERE k.kid = newest.kid AND k.kid = $8
    RETURNING k.kid
  ), made AS (
    INSERT INTO @signing_keys AS k (kid, active_from, sealed, superseded_at, retires_at, record)
    SELECT $1, $2, $3, $4, $5, $6::text::json FROM superseded
    RETURNING k.kid
  ), raised AS (
    UPDATE @deployment SET key_revision = key_revision + 1 WHERE EXISTS (SELECT FROM made)
  ), ${noteIf('made', 7)}
  SELECT kid AS answer FROM made`)

/** Replaces the seal of a key, if it is the one that was opened. */
export const resealKey: Statement = statement(`
  UPDATE @signing_keys SET sealed = $3 WHERE kid = $1 AND sealed = $2 RETURNING kid AS answer`)

/** Takes away a signing key. */
export const removeKey: Statement = statement(`
  WITH gone AS (
    DELETE FROM @signing_keys WHERE kid = $1 RETURNING kid
  ), raised AS (
    UPDATE @deployment SET key_revision = key_revision + 1 WHERE EXISTS (SELECT FROM gone)
  ), ${noteIf('gone', 2)}
  SELECT kid AS answer FROM gone`)

/** Forgets keys that are retired. */
export const sweepKeys: Statement = statement(`
  WITH gone AS (
    DELETE FROM @signing_keys WHERE kid IN (
      SELECT kid FROM @signing_keys WHERE retires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING kid
  ), raised AS (
    UPDATE @deployment SET key_revision = key_revision + 1 WHERE EXISTS (SELECT FROM gone)
  )
  SELECT kid AS answer FROM gone`)

/** Tells whether a key is there to be forgotten. */
export const findRetiredKey: Statement = statement(`
  SELECT kid AS answer FROM @signing_keys WHERE retires_at <= $1 LIMIT 1`)
