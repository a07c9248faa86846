import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { credentialOf, noteIf } from './parts.ts'

/** The successor is stored first: where one of its names is taken, the replaced secret stays as it is. */
export const rotateSecret: Statement = statement(`
  WITH held AS MATERIALIZED (
    SELECT id FROM @credentials
    WHERE id = $20::text AND organization = $21::text AND kind = 'secret'
      AND revoked_at IS NULL AND replaced_by IS NULL
    FOR NO KEY UPDATE
  ), home AS (
    SELECT FROM @auth_methods
    WHERE id = $5::text AND identity = $4::text AND organization = $3::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @credentials (
      id, kind, organization, identity, auth_method, name, max_uses, uses, first_used_at,
      last_used_at, expires_at, revoked_at, revoked, replaced_by, created_at, record, digest, root_key
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::json, $14, $15, $16::text::json, $17, $18
    FROM held, home
    ON CONFLICT DO NOTHING RETURNING id
  ), replaced AS (
    UPDATE @credentials c SET expires_at = least(c.expires_at, $22::bigint), replaced_by = made.id
    FROM made, held WHERE c.id = held.id
  ), ${noteIf('made', 19)}
  SELECT id AS answer FROM made`)

/** Finds replaced secrets whose end nobody has noted. */
export const findEndedOverlaps: Statement = statement(`
  SELECT ${credentialOf('c')}::text AS answer FROM @credentials c
  WHERE kind = 'secret' AND replaced_by IS NOT NULL AND revoked_at IS NULL AND NOT end_noted
    AND expires_at <= $1
  LIMIT $2`)

/** Notes the end of a replaced secret, once. */
export const noteSecretEnd: Statement = statement(`
  WITH ended AS (
    UPDATE @credentials SET end_noted = true
    WHERE id = $1 AND organization = $2 AND kind = 'secret' AND NOT end_noted
    RETURNING id
  ), ${noteIf('ended', 3)}
  SELECT id AS answer FROM ended`)
