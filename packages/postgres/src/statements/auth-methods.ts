import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, noteIf } from './parts.ts'

/** Finds the auth method of an identity by its name. */
export const findAuthMethod: Statement = statement(`
  SELECT record::text AS answer FROM @auth_methods
  WHERE organization = $1 AND identity = $2 AND method = $3`)

/** Whether the template $7 is there to be named, and of the same method; it cannot go before this is done. */
const NAMED = `named AS (
    SELECT FROM @auth_templates
    WHERE id = $7::text AND ${besides('organization', '$2::text')} AND method || '' = $4::text
    FOR KEY SHARE
  )`

/** Stores an auth method of an identity that is there and has none of this name. */
export const insertAuthMethod: Statement = statement(`
  WITH home AS (
    SELECT FROM @identities WHERE id = $3::text AND ${besides('organization', '$2::text')} FOR KEY SHARE
  ), ${NAMED}, made AS (
    INSERT INTO @auth_methods (id, organization, identity, method, revision, record, template)
    SELECT $1, $2, $3, $4, $5, $6::text::json, $7
    FROM home WHERE $7 IS NULL OR EXISTS (SELECT FROM named)
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 8)}
  SELECT id AS answer FROM made`)

/** Stores the next revision of the very same auth method. */
export const replaceAuthMethod: Statement = statement(`
  WITH ${NAMED}, made AS (
    UPDATE @auth_methods SET revision = $5, record = $6::text::json, template = $7
    WHERE id = $1 AND organization = $2 AND identity = $3 AND method = $4 AND revision = $5 - 1
      AND ($7 IS NULL OR EXISTS (SELECT FROM named))
    RETURNING id
  ), ${noteIf('made', 8)}
  SELECT id AS answer FROM made`)

/** Takes away an auth method and what its logins left behind. */
export const removeAuthMethod: Statement = statement(`
  WITH gone AS (
    DELETE FROM @auth_methods WHERE organization = $1 AND identity = $2 AND method = $3
    RETURNING id
  ), counts AS (
    DELETE FROM @use_counts WHERE identity = $2 AND auth_method IN (SELECT id FROM gone)
  ), counters AS (
    DELETE FROM @counters
    WHERE organization = $1 AND identity = $2 AND method = $3 AND EXISTS (SELECT FROM gone)
  ), sources AS (
    DELETE FROM @known_sources
    WHERE organization = $1 AND identity = $2 AND method = $3 AND EXISTS (SELECT FROM gone)
  ), ${noteIf('gone', 4)}
  SELECT id AS answer FROM gone`)
