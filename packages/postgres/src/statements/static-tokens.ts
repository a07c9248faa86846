import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, credentialOf, heldBy, identityOf, namedBy, noteIf } from './parts.ts'

/** Finds the static token that one of the digests names, and all that stands behind it. */
export const findStaticToken: Statement = statement(`
  WITH named AS (${namedBy('$1')}
    ORDER BY d.place LIMIT 1
  )
  SELECT json_build_object(
    'token', ${credentialOf('c')},
    'identity', ${identityOf('i')},
    'authMethod', m.record,
    'bound', ${heldBy('i.organization', "'identity'", 'i.id')}
  )::text AS answer
  FROM named c
  JOIN @identities i ON i.id = c.identity AND ${besides('i.organization', 'c.organization')}
  JOIN @auth_methods m ON m.id = c.auth_method AND m.identity = i.id
  WHERE c.kind = 'token'`)

/** What is gone was taken back. A token without a limit is checked and not written, unless its digest changes. */
export const useStaticToken: Statement = statement(`
  WITH limited AS MATERIALIZED (
    SELECT id, uses, max_uses, expires_at, revoked_at FROM @credentials
    WHERE id = $1 AND organization = $2 AND kind = 'token' AND max_uses IS NOT NULL
    FOR NO KEY UPDATE
  ), own AS (
    SELECT * FROM limited
    UNION ALL
    SELECT id, uses, max_uses, expires_at, revoked_at FROM @credentials
    WHERE id = $1 AND organization = $2 AND kind = 'token' AND max_uses IS NULL
  ), verdict AS MATERIALIZED (
    SELECT CASE
      WHEN own.id IS NULL OR own.revoked_at IS NOT NULL THEN 'token_revoked'
      WHEN own.expires_at <= $3 THEN 'token_expired'
      WHEN own.uses >= own.max_uses THEN 'token_exhausted'
    END AS refusal
    FROM (SELECT) AS one LEFT JOIN own ON true
  ), granted AS (
    SELECT FROM verdict WHERE refusal IS NULL
  ), redigested AS (
    SELECT $4::text AS digest, $5::text AS root_key
    WHERE $4 IS NOT NULL AND NOT EXISTS (SELECT FROM @credentials WHERE digest = $4)
  ), used AS (
    UPDATE @credentials c SET
      uses = CASE WHEN max_uses IS NULL THEN uses ELSE uses + 1 END,
      first_used_at = CASE WHEN max_uses IS NULL THEN first_used_at ELSE coalesce(first_used_at, $3) END,
      last_used_at = CASE WHEN max_uses IS NULL THEN last_used_at ELSE $3 END,
      digest = coalesce((SELECT digest FROM redigested), c.digest),
      root_key = coalesce((SELECT root_key FROM redigested), c.root_key)
    WHERE id = $1 AND EXISTS (SELECT FROM granted)
      AND (max_uses IS NOT NULL OR EXISTS (SELECT FROM redigested))
  ), ${noteIf('granted', 6)}
  SELECT refusal AS answer FROM verdict`)

/** Changes what people call a static token. */
export const renameStaticToken: Statement = statement(`
  WITH made AS (
    UPDATE @credentials SET name = $3 WHERE id = $1 AND organization = $2 AND kind = 'token'
    RETURNING *
  ), ${noteIf('made', 4)}
  SELECT ${credentialOf('c')}::text AS answer FROM made c`)

/** Revokes every static token of an identity that is not revoked yet. */
export const revokeStaticTokens: Statement = statement(`
  WITH ended AS (
    UPDATE @credentials SET revoked_at = $3, revoked = $4::text::json
    WHERE identity = $1 AND organization = $2 AND kind = 'token' AND revoked_at IS NULL
    RETURNING id
  ), ${noteIf('ended', 5)}
  SELECT id AS answer FROM ended`)
