import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { identityOf, noteIf } from './parts.ts'

/** Finds an identity of an organization. */
export const findIdentity: Statement = statement(`
  SELECT ${identityOf('i')}::text AS answer FROM @identities i WHERE organization = $1 AND id = $2`)

/** Stores an identity whose names are free, in an organization and a project that are there. */
export const insertIdentity: Statement = statement(`
  WITH home AS (
    SELECT FROM @organizations WHERE id = $2::text FOR KEY SHARE
  ), place AS (
    SELECT FROM @projects WHERE organization = $2 AND id = $3::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @identities (
      id, organization, project, name, slug, owner, metadata, disabled, generation, revision,
      created_at, last_login_at, record
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::json
    FROM home WHERE $3 IS NULL OR EXISTS (SELECT FROM place)
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 14)}
  SELECT id AS answer FROM made`)

/** A statistic is no revision: a later login that is known already stays. */
export const replaceIdentity: Statement = statement(`
  WITH place AS (
    SELECT FROM @projects WHERE organization = $2 AND id = $3::text FOR KEY SHARE
  ), made AS (
    UPDATE @identities i SET
      project = $3, name = $4, slug = $5, owner = $6, metadata = $7, disabled = $8,
      generation = $9, revision = $10, created_at = $11,
      last_login_at = greatest(i.last_login_at, $12), record = $13::text::json
    WHERE id = $1 AND organization = $2 AND revision = $10 - 1
      AND ($3 IS NULL OR EXISTS (SELECT FROM place))
      AND NOT EXISTS (
        SELECT FROM @identities o WHERE o.organization = $2 AND o.slug = $5 AND o.id <> $1
      )
    RETURNING id
  ), ${noteIf('made', 14)}
  SELECT id AS answer FROM made`)

/** The condition under which nobody used an identity since `since`, and nobody was told. */
const isUntold = (since: string): string => `
    unused_day <= ${since} / 86400000 AND created_at < ${since}
    AND coalesce(last_login_at < ${since}, true)`

/** Finds identities of no use that nobody was told of. */
export const findUnused: Statement = statement(`
  SELECT ${identityOf('i')}::text AS answer FROM @identities i
  WHERE ${isUntold('$1::bigint')} LIMIT $2`)

/** Notes that somebody was told of an identity of no use, once. */
export const noteUnused: Statement = statement(`
  WITH noted_now AS (
    UPDATE @identities SET unused_noted_at = $4
    WHERE id = $1 AND organization = $2 AND ${isUntold('$3::bigint')}
    RETURNING id
  ), ${noteIf('noted_now', 5)}
  SELECT id AS answer FROM noted_now`)

/** Takes away an identity and what its logins left behind. */
export const removeIdentity: Statement = statement(`
  WITH gone AS (
    DELETE FROM @identities WHERE organization = $1 AND id = $2 RETURNING id
  ), counts AS (
    DELETE FROM @use_counts WHERE identity IN (SELECT id FROM gone)
  ), counters AS (
    DELETE FROM @counters WHERE organization = $1 AND identity IN (SELECT id FROM gone)
  ), sources AS (
    DELETE FROM @known_sources WHERE organization = $1 AND identity IN (SELECT id FROM gone)
  ), ${noteIf('gone', 3)}
  SELECT id AS answer FROM gone`)
