import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { credentialOf, mark, noteIf } from './parts.ts'

/** Finds a credential of one kind and organization. */
export const findCredential: Statement = statement(`
  SELECT ${credentialOf('c')}::text AS answer FROM @credentials c
  WHERE id = $1 AND organization = $2 AND kind = $3`)

/** Stores a credential of an auth method that is there, whose digest and id are free. */
export const insertCredential: Statement = statement(`
  WITH home AS (
    SELECT FROM @auth_methods
    WHERE id = $5::text AND identity = $4::text AND organization = $3::text FOR KEY SHARE
  ), made AS (
    INSERT INTO @credentials (
      id, kind, organization, identity, auth_method, name, max_uses, uses, first_used_at,
      last_used_at, expires_at, revoked_at, revoked, replaced_by, created_at, record, digest, root_key
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::json, $14, $15, $16::text::json, $17, $18 FROM home
    ON CONFLICT DO NOTHING RETURNING id
  ), ${noteIf('made', 19)}
  SELECT id AS answer FROM made`)

/** Of a credential that is revoked already only the mark may be new, and then the events count too. */
export const revokeCredential: Statement = statement(`
  WITH held AS MATERIALIZED (
    SELECT * FROM @credentials WHERE id = $1 AND organization = $2 AND kind = $3 FOR NO KEY UPDATE
  ), changed AS (
    UPDATE @credentials c SET revoked_at = $4, revoked = $5::text::json
    FROM held WHERE c.id = held.id AND held.revoked_at IS NULL
    RETURNING c.*
  ), marked AS (
    ${mark('SELECT $6::text, $7::text, $8::bigint FROM held WHERE $6 IS NOT NULL')}
  ), new AS (
    SELECT FROM changed UNION ALL SELECT FROM marked WHERE NOT stood
  ), ${noteIf('new', 9)}
  SELECT ${credentialOf('c')}::text AS answer FROM changed c
  UNION ALL
  SELECT ${credentialOf('c')}::text FROM held c WHERE revoked_at IS NOT NULL`)

/** Takes away a credential and marks what it opened. */
export const removeCredential: Statement = statement(`
  WITH gone AS (
    DELETE FROM @credentials WHERE id = $1 AND organization = $2 AND kind = $3 RETURNING id
  ), marked AS (
    ${mark('SELECT $4::text, $5::text, $6::bigint FROM gone WHERE $4 IS NOT NULL')}
  ), ${noteIf('gone', 7)}
  SELECT id AS answer FROM gone`)

/** What ends in $3 milliseconds after $2, and of that, what nobody was told of so long before. */
export const findExpiring: Statement = statement(`
  WITH soon AS MATERIALIZED (
    SELECT * FROM @credentials
    WHERE ended_at > $2::bigint AND ended_at <= $2::bigint + $3::bigint AND kind = $1
      AND expires_at <= $2::bigint + $3::bigint AND expires_at - created_at > $3::bigint
      AND revoked_at IS NULL AND replaced_by IS NULL AND coalesce(uses < max_uses, true)
  ), untold AS (
    SELECT * FROM soon WHERE coalesce(expiry_noted > $3::bigint, true)
    ORDER BY expires_at, id LIMIT $4
  )
  SELECT json_build_object(
    'count', (SELECT count(*) FROM soon),
    'untold', (SELECT coalesce(json_agg(${credentialOf('c')} ORDER BY c.expires_at, c.id), '[]') FROM untold c)
  )::text AS answer`)

/** Notes that somebody was told of the end of a credential $4 milliseconds before it, or less. */
export const noteExpiry: Statement = statement(`
  WITH noted_now AS (
    UPDATE @credentials SET expiry_noted = $4::bigint
    WHERE id = $1 AND organization = $2 AND kind = $3 AND revoked_at IS NULL AND replaced_by IS NULL
      AND coalesce(expiry_noted > $4::bigint, true)
    RETURNING id
  ), ${noteIf('noted_now', 5)}
  SELECT id AS answer FROM noted_now`)

/** Rows are locked by id first, so that nodes that write the same ones wait for each other in one order. */
export const recordUses: Statement = statement(`
  WITH used AS (
    SELECT * FROM unnest(
      $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]
    ) AS u (organization, identity, credential, uses, first_used_at, last_used_at)
  ), owners AS MATERIALIZED (
    SELECT i.id FROM @identities i
    WHERE i.id IN (SELECT identity FROM used) ORDER BY i.id FOR NO KEY UPDATE
  ), noted AS (
    UPDATE @identities i SET last_login_at = greatest(i.last_login_at, u.last_used_at)
    FROM owners, (
      SELECT organization, identity, max(last_used_at) AS last_used_at
      FROM used GROUP BY organization, identity
    ) u
    WHERE i.id = owners.id AND i.id = u.identity AND i.organization = u.organization
  ), held AS MATERIALIZED (
    SELECT c.id FROM @credentials c
    WHERE c.id IN (SELECT credential FROM used) ORDER BY c.id FOR NO KEY UPDATE
  )
  UPDATE @credentials c SET
    uses = CASE WHEN c.max_uses IS NULL THEN c.uses + u.uses ELSE c.uses END,
    first_used_at = least(c.first_used_at, u.first_used_at),
    last_used_at = greatest(c.last_used_at, u.last_used_at)
  FROM held, (
    SELECT organization, identity, credential, sum(uses)::bigint AS uses,
      min(first_used_at) AS first_used_at, max(last_used_at) AS last_used_at
    FROM used GROUP BY organization, identity, credential
  ) u
  WHERE c.id = held.id AND c.id = u.credential AND c.kind = $1
    AND c.organization = u.organization AND c.identity = u.identity`)
