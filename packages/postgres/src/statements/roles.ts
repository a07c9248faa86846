import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

/** Finds a stored role. */
export const findRole: Statement = statement(`
  SELECT record::text AS answer FROM @roles WHERE organization = $1 AND id = $2`)

/** Stores a role whose slug is free in its scope. */
export const insertRole: Statement = statement(`
  WITH home AS (
    SELECT FROM @organizations WHERE id = $1::text FOR KEY SHARE
  ), place AS (
    SELECT FROM @projects WHERE organization = $1 AND id = $3::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @roles (organization, id, project, slug, name, revision, record)
    SELECT $1, $2, $3, $4, $5, $6, $7::text::json
    FROM home WHERE $3 IS NULL OR EXISTS (SELECT FROM place)
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 8)}
  SELECT id AS answer FROM made`)

/** A role stays where it is. */
export const replaceRole: Statement = statement(`
  WITH made AS (
    UPDATE @roles SET slug = $4, name = $5, revision = $6, record = $7::text::json
    WHERE organization = $1 AND id = $2 AND revision = $6 - 1
      AND project IS NOT DISTINCT FROM $3::text
      AND NOT EXISTS (
        SELECT FROM @roles o
        WHERE o.organization = $1 AND o.slug = $4 AND o.project IS NOT DISTINCT FROM $3 AND o.id <> $2
      )
    RETURNING id
  ), ${noteIf('made', 8)}
  SELECT id AS answer FROM made`)

/** Takes away a role; the bindings that name it go with it. */
export const removeRole: Statement = statement(`
  WITH gone AS (
    DELETE FROM @roles WHERE organization = $1 AND id = $2 RETURNING id
  ), ${noteIf('gone', 3)}
  SELECT id AS answer FROM gone`)
