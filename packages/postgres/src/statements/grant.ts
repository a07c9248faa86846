import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { besides, noteIf } from './parts.ts'

/**
 * All that one granted login commits, or nothing and the reason.
 *
 * $1 organization · $2 identity · $3 generation · $4 auth method · $5 now · $6 to $9 the counters' organization, identity,
 * method and classes, the total last · $10 credentials to use, $11 how often, $12 their places among the charges · $13 keys to accept once,
 * $14 until when, $15 their places · $16 to $18 the method, the source and the end of what is remembered · $19, $20 the
 * session that is counted and its end · $21 to $23 the credential that gets a new digest, the digest, its root key · $24
 * events · $25 who may show the keys of $13 again, empty where nobody may.
 *
 * Whatever could change meanwhile is locked first, in one order: the counters, then the limited credentials by id. A row that
 * is locked is as everybody before has left it, so that what is judged here is what is written below. A once key cannot be
 * locked before it is there; it is the last that can fail, and there is at most one of them in this statement.
 */
export const grantLogin: Statement = statement(`
  WITH counter AS MATERIALIZED (
    SELECT locked AND $5::bigint < expires_at AS refuses FROM @counters
    WHERE organization = $6::text AND identity = $7::text AND method = $8::text AND class = ANY ($9::text[])
    ORDER BY array_position($9, class) FOR UPDATE
  ), standing AS MATERIALIZED (
    SELECT CASE
      WHEN i.id IS NULL THEN 'unknown_client'
      WHEN i.disabled THEN 'identity_disabled'
      WHEN i.generation <> $3::bigint THEN 'identity_changed'
      WHEN m.id IS NULL THEN 'unknown_client'
      WHEN EXISTS (SELECT FROM counter WHERE refuses) THEN 'too_many_attempts'
    END AS refusal
    FROM (SELECT) AS one
    LEFT JOIN @identities i ON i.id = $2::text AND ${besides('i.organization', '$1::text')}
    LEFT JOIN @auth_methods m ON m.id = $4::text AND m.identity = i.id
  ), limited AS MATERIALIZED (
    SELECT id, kind, uses, max_uses, expires_at, revoked_at FROM @credentials
    WHERE id = ANY ($10::text[]) AND organization = $1 AND auth_method = $4 AND max_uses IS NOT NULL
      AND (SELECT refusal IS NULL FROM standing)
    ORDER BY id FOR NO KEY UPDATE
  ), own AS (
    SELECT * FROM limited
    UNION ALL
    SELECT id, kind, uses, max_uses, expires_at, revoked_at FROM @credentials
    WHERE id = ANY ($10) AND organization = $1 AND auth_method = $4 AND max_uses IS NULL
  ), charges AS (
    SELECT u.place, CASE
      WHEN own.id IS NULL THEN 'wrong_secret'
      WHEN own.revoked_at IS NOT NULL THEN own.kind || '_revoked'
      WHEN own.expires_at <= $5 THEN own.kind || '_expired'
      WHEN own.uses + u.count > own.max_uses THEN own.kind || '_exhausted'
    END AS refusal
    FROM unnest($10, $11::bigint[], $12::bigint[]) AS u (id, count, place)
    LEFT JOIN own ON own.id = u.id
    UNION ALL
    SELECT s.place, 'evidence_replayed'
    FROM unnest($13::text[], $15::bigint[], $25::text[]) AS s (key, place, holder)
    CROSS JOIN LATERAL (
      SELECT until, holder FROM @once WHERE digest = sha256(convert_to(s.key, 'UTF8')) LIMIT 1
    ) o
    WHERE $5 < o.until AND (s.holder = o.holder) IS NOT TRUE
  ), verdict AS MATERIALIZED (
    SELECT coalesce(
      (SELECT refusal FROM standing),
      (SELECT refusal FROM charges WHERE refusal IS NOT NULL ORDER BY place LIMIT 1)
    ) AS refusal
  ), accepted AS (
    INSERT INTO @once AS o (digest, until, holder)
    SELECT sha256(convert_to(s.key, 'UTF8')), s.until, nullif(s.holder, '')
    FROM verdict, unnest($13, $14::bigint[], $25) AS s (key, until, holder)
    WHERE verdict.refusal IS NULL
    ON CONFLICT (digest) DO UPDATE SET
      until = CASE WHEN $5 < o.until THEN greatest(o.until, excluded.until) ELSE excluded.until END,
      holder = excluded.holder
    WHERE o.until <= $5 OR o.holder = excluded.holder
    RETURNING digest
  ), granted AS MATERIALIZED (
    SELECT FROM verdict
    WHERE refusal IS NULL AND (SELECT count(*) FROM accepted) = cardinality($13)
  ), redigested AS (
    SELECT $22::text AS digest, $23::text AS root_key
    WHERE $22 IS NOT NULL AND NOT EXISTS (SELECT FROM @credentials WHERE digest = $22)
  ), touched AS (
    SELECT c.id, coalesce(u.count, 0) AS count, r.digest, r.root_key
    FROM granted, @credentials c
    LEFT JOIN unnest($10, $11) AS u (id, count) ON u.id = c.id AND c.max_uses IS NOT NULL
    LEFT JOIN redigested r ON c.id = $21::text
    WHERE c.id = ANY (array_append($10, $21)) AND c.organization = $1 AND c.auth_method = $4
  ), used AS (
    UPDATE @credentials c SET
      uses = c.uses + t.count,
      first_used_at = CASE WHEN t.count > 0 THEN coalesce(c.first_used_at, $5) ELSE c.first_used_at END,
      last_used_at = CASE WHEN t.count > 0 THEN $5 ELSE c.last_used_at END,
      digest = coalesce(t.digest, c.digest),
      root_key = coalesce(t.root_key, c.root_key)
    FROM touched t WHERE c.id = t.id AND (t.count > 0 OR t.digest IS NOT NULL)
  ), cleared AS (
    DELETE FROM @counters
    WHERE organization = $6 AND identity = $7 AND method = $8 AND class = ANY ($9)
      AND EXISTS (SELECT FROM granted)
  ), remembered AS (
    INSERT INTO @known_sources (organization, identity, method, source, since, until)
    SELECT $1, $2, $16::text, $17::text, $5, $18::bigint FROM granted WHERE $16 IS NOT NULL
    ON CONFLICT (organization, identity, method, source) DO UPDATE
    SET since = excluded.since, until = excluded.until
  ), forgotten AS (
    DELETE FROM @known_sources k
    WHERE k.organization = $1 AND k.identity = $2 AND k.method = $16 AND k.source <> $17
      AND EXISTS (SELECT FROM granted)
      AND (k.until <= $5 OR k.source IN (
        SELECT o.source FROM @known_sources o
        WHERE o.organization = $1 AND o.identity = $2 AND o.method = $16 AND o.source <> $17
          AND $5 < o.until
        ORDER BY o.since DESC OFFSET 63
      ))
  ), counted AS (
    INSERT INTO @use_counts (organization, session, identity, auth_method, uses, until)
    SELECT $1, $19::text, $2, $4, 0, $20::bigint FROM granted WHERE $19 IS NOT NULL
    ON CONFLICT DO NOTHING
  ), ${noteIf('granted', 24)}
  SELECT CASE WHEN NOT EXISTS (SELECT FROM granted) THEN coalesce(refusal, 'evidence_replayed') END AS answer
  FROM verdict`)

/** Waits until nobody else decides about any of these keys. */
export const holdOnceKeys: Statement = statement(`
  SELECT pg_advisory_xact_lock(hashtextextended('once:' || key, 0))::text AS answer
  FROM (SELECT key FROM unnest($1::text[]) AS k (key) ORDER BY key COLLATE "C") AS sorted`)
