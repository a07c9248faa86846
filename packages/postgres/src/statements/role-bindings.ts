import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, heldBy, identityOf, noteIf } from './parts.ts'

/** Finds a role binding. */
export const findRoleBinding: Statement = statement(`
  SELECT record::text AS answer FROM @role_bindings WHERE organization = $1 AND id = $2`)

/** Stores a binding whose scope, holder and stored role are there. */
export const insertRoleBinding: Statement = statement(`
  WITH home AS (
    SELECT FROM @organizations WHERE id = $1::text FOR KEY SHARE
  ), place AS (
    SELECT FROM @projects WHERE organization = $1 AND id = $3::text FOR KEY SHARE
  ), holder AS (
    SELECT FROM @identities
    WHERE id = $6::text AND ${besides('organization', '$1')} FOR KEY SHARE
  ), named AS (
    SELECT FROM @roles
    WHERE organization = $1 AND id = $8::text AND project IS NOT DISTINCT FROM $3
    FOR KEY SHARE
  ), made AS (
    INSERT INTO @role_bindings (
      organization, id, project, subject_kind, subject_id, identity, role, stored_role, direct, record
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::json
    FROM home
    WHERE ($3 IS NULL OR EXISTS (SELECT FROM place))
      AND ($6 IS NULL OR EXISTS (SELECT FROM holder))
      AND ($8 IS NULL OR EXISTS (SELECT FROM named))
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 11)}
  SELECT id AS answer FROM made`)

/** Takes away a role binding. */
export const removeRoleBinding: Statement = statement(`
  WITH gone AS (
    DELETE FROM @role_bindings WHERE organization = $1 AND id = $2 RETURNING id
  ), ${noteIf('gone', 3)}
  SELECT id AS answer FROM gone`)

/** One row for each subject, in the order they were asked. */
export const findHoldings: Statement = statement(`
  SELECT json_build_object(
    'identity', CASE WHEN i.id IS NOT NULL THEN ${identityOf('i')} END,
    'bound', ${heldBy('$1', 's.kind', 's.id')}
  )::text AS answer
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS s (kind, id, place)
  LEFT JOIN LATERAL (
    SELECT * FROM @identities WHERE id = s.id AND ${besides('organization', '$1')} LIMIT 1
  ) i ON s.kind = 'identity'
  ORDER BY s.place`)
