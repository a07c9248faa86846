import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

/** Finds a project of an organization. */
export const findProject: Statement = statement(`
  SELECT record::text AS answer FROM @projects WHERE organization = $1 AND id = $2`)

/** Stores a project in an organization that is there. */
export const insertProject: Statement = statement(`
  WITH home AS (
    SELECT FROM @organizations WHERE id = $1::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @projects (organization, id, name, revision, record)
    SELECT $1, $2, $3, $4, $5::text::json FROM home
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 6)}
  SELECT id AS answer FROM made`)

/** Stores the next revision of a project. */
export const replaceProject: Statement = statement(`
  WITH made AS (
    UPDATE @projects SET name = $3, revision = $4, record = $5::text::json
    WHERE organization = $1 AND id = $2 AND revision = $4 - 1
    RETURNING id
  ), ${noteIf('made', 6)}
  SELECT id AS answer FROM made`)

/** Takes away a project and the identities that belong to it alone; what refers to them goes with them. */
export const removeProject: Statement = statement(`
  WITH own AS MATERIALIZED (
    SELECT id FROM @identities WHERE organization = $1 AND project = $2
  ), gone AS (
    DELETE FROM @projects WHERE organization = $1 AND id = $2 RETURNING id
  ), counts AS (
    DELETE FROM @use_counts WHERE identity IN (SELECT id FROM own)
  ), counters AS (
    DELETE FROM @counters WHERE organization = $1 AND identity IN (SELECT id FROM own)
  ), sources AS (
    DELETE FROM @known_sources WHERE organization = $1 AND identity IN (SELECT id FROM own)
  ), ${noteIf('gone', 3)}
  SELECT id AS answer FROM gone`)
