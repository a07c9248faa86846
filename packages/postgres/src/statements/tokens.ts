import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, heldBy, identityOf, mark, noteIf } from './parts.ts'

/**
 * Reads all that a token is judged by.
 *
 * $1 organization · $2 identity · $3 auth method · $4 session · $5 credential, if there is one · $6 now
 */
export const findStanding: Statement = statement(`
  SELECT json_build_object(
    'epoch', d.epoch,
    'keyRevision', d.key_revision,
    'identity', CASE WHEN i.id IS NOT NULL THEN ${identityOf('i')} END,
    'authMethod', m.record,
    'bound', CASE WHEN i.id IS NOT NULL THEN ${heldBy('$1', "'identity'", 'i.id')} ELSE '[]' END,
    'revoked', EXISTS (
      SELECT FROM @revocations r
      WHERE r.organization = $1 AND r.id IN ($4, $5::text) AND $6::bigint < r.until
    ),
    'uses', (
      SELECT u.uses FROM @use_counts u
      WHERE u.organization = $1 AND u.session = $4::text AND u.auth_method = $3
    )
  )::text AS answer
  FROM @deployment d
  LEFT JOIN @identities i ON i.id = $2::text AND ${besides('i.organization', '$1::text')}
  LEFT JOIN @auth_methods m ON m.id = $3::text AND m.identity = i.id`)

/**
 * Renews a login that stands, or answers why it does not.
 *
 * $1 to $6 as above · $7 generation · $8 how many uses a counted login has, $9 until when it lives · $10 events
 *
 * The count is locked before it is judged: a sweep passes it by, or has taken it before.
 */
export const renewLogin: Statement = statement(`
  WITH counted AS MATERIALIZED (
    SELECT uses FROM @use_counts
    WHERE organization = $1 AND session = $4::text AND auth_method = $3::text AND $8::float8 IS NOT NULL
    FOR NO KEY UPDATE
  ), verdict AS MATERIALIZED (
    SELECT CASE
      WHEN i.id IS NULL THEN 'identity_gone'
      WHEN i.disabled THEN 'identity_disabled'
      WHEN i.generation > $7::bigint THEN 'token_revoked'
      WHEN m.id IS NULL THEN 'method_gone'
      WHEN EXISTS (
        SELECT FROM @revocations r
        WHERE r.organization = $1 AND r.id IN ($4, $5::text) AND $6::bigint < r.until
      ) THEN 'token_revoked'
      WHEN $8 IS NOT NULL AND NOT EXISTS (SELECT FROM counted WHERE uses < $8) THEN 'token_exhausted'
    END AS refusal
    FROM (SELECT) AS one
    LEFT JOIN @identities i ON i.id = $2::text AND ${besides('i.organization', '$1::text')}
    LEFT JOIN @auth_methods m ON m.id = $3::text AND m.identity = i.id
  ), granted AS (
    SELECT FROM verdict WHERE refusal IS NULL
  ), kept AS (
    UPDATE @use_counts u SET until = $9::bigint
    FROM granted
    WHERE u.organization = $1 AND u.session = $4 AND u.auth_method = $3 AND u.until < $9
  ), ${noteIf('granted', 10)}
  SELECT refusal AS answer FROM verdict`)

/**
 * Counts one use of a session, while fewer than the limit are counted.
 *
 * $1 organization · $2 session · $3 auth method · $4 limit · $5 events
 */
export const spendUse: Statement = statement(`
  WITH spent AS (
    UPDATE @use_counts SET uses = uses + 1
    WHERE organization = $1 AND session = $2 AND auth_method = $3 AND uses < $4::float8
    RETURNING session
  ), ${noteIf('spent', 5)}
  SELECT session AS answer FROM spent`)

/**
 * Marks something as seen, unless it is marked. $1 key · $2 until · $3 now
 */
export const markSeen: Statement = statement(`
  INSERT INTO @once AS o (digest, until)
  VALUES (sha256(convert_to($1, 'UTF8')), $2::bigint)
  ON CONFLICT (digest) DO UPDATE SET until = excluded.until, holder = NULL
  WHERE o.until <= $3::bigint
  RETURNING until::text AS answer`)

/**
 * Marks a login or a credential as ended.
 *
 * $1 organization · $2 id · $3 until · $4 events
 */
export const markRevoked: Statement = statement(`
  WITH marked AS (
    ${mark('VALUES ($1::text, $2::text, $3::bigint)')}
  ), new AS (
    SELECT FROM marked WHERE NOT stood
  ), ${noteIf('new', 4)}
  SELECT 'new' AS answer FROM new`)
