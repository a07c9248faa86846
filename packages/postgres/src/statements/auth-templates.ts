import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, noteIf } from './parts.ts'

/** Finds an auth template. */
export const findAuthTemplate: Statement = statement(`
  SELECT record::text AS answer FROM @auth_templates
  WHERE id = $2 AND ${besides('organization', '$1::text')}`)

/** Stores a template of an organization that is there. */
export const insertAuthTemplate: Statement = statement(`
  WITH home AS (
    SELECT FROM @organizations WHERE id = $2::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @auth_templates (id, organization, name, method, revision, record)
    SELECT $1, $2, $3, $4, $5, $6::text::json FROM home
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 7)}
  SELECT id AS answer FROM made`)

/** A template stays one of its method. */
export const replaceAuthTemplate: Statement = statement(`
  WITH made AS (
    UPDATE @auth_templates SET name = $3, revision = $5, record = $6::text::json
    WHERE id = $1 AND ${besides('organization', '$2::text')} AND method || '' = $4::text
      AND revision = $5 - 1
    RETURNING id
  ), ${noteIf('made', 7)}
  SELECT id AS answer FROM made`)

/** Takes away a template that nobody names. Whoever comes to name it meanwhile makes this statement run again. */
export const removeAuthTemplate: Statement = statement(`
  WITH gone AS (
    DELETE FROM @auth_templates
    WHERE id = $2 AND ${besides('organization', '$1::text')}
      AND NOT EXISTS (SELECT FROM @auth_methods WHERE template = $2)
    RETURNING id
  ), ${noteIf('gone', 3)}
  SELECT id AS answer FROM gone`)
