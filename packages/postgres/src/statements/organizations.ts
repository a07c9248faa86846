import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

/** Finds an organization. */
export const findOrganization: Statement = statement(`
  SELECT record::text AS answer FROM @organizations WHERE id = $1`)

/** Stores an organization whose id is free. */
export const insertOrganization: Statement = statement(`
  WITH made AS (
    INSERT INTO @organizations (id, name, revision, record)
    VALUES ($1, $2, $3, $4::text::json)
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 5)}
  SELECT id AS answer FROM made`)

/** Stores the next revision of an organization. */
export const replaceOrganization: Statement = statement(`
  WITH made AS (
    UPDATE @organizations SET name = $2, revision = $3, record = $4::text::json
    WHERE id = $1 AND revision = $3 - 1
    RETURNING id
  ), ${noteIf('made', 5)}
  SELECT id AS answer FROM made`)

/** What stands in other tables goes by their references to this one; what has none is named here. */
export const removeOrganization: Statement = statement(`
  WITH gone AS (
    DELETE FROM @organizations WHERE id = $1 RETURNING id
  ), counts AS (
    DELETE FROM @use_counts WHERE organization IN (SELECT id FROM gone)
  ), counters AS (
    DELETE FROM @counters WHERE organization IN (SELECT id FROM gone)
  ), sources AS (
    DELETE FROM @known_sources WHERE organization IN (SELECT id FROM gone)
  ), ${noteIf('gone', 2)}
  SELECT id AS answer FROM gone`)

/** Its key is of 64 bits, so two organizations share one by chance alone, and then only wait for each other. */
export const holdOrganization: Statement = statement(`
  SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text AS answer`)
