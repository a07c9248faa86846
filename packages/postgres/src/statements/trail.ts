import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

const SEALED = `json_build_object(
    'position', e.position, 'index', e.index, 'hash', e.hash, 'event', e.event
  )`

/** Reads the oldest $1 open events and the ends of their chains, all as of one instant. */
export const findOpen: Statement = statement(`
  WITH first AS MATERIALIZED (
    SELECT id, organization, event FROM @outbox ORDER BY id LIMIT $1
  )
  SELECT json_build_object(
    'position', s.position,
    'sealedAt', s.sealed_at,
    'events', (
      SELECT coalesce(json_agg(json_build_object('entry', id::text, 'event', event) ORDER BY id), '[]')
      FROM first
    ),
    'heads', (
      SELECT coalesce(json_agg(
        json_build_object('organization', c.organization, 'index', c.index, 'hash', c.hash)
      ), '[]')
      FROM @chains c WHERE c.organization IN (SELECT organization FROM first)
    )
  )::text AS answer
  FROM @stream s`)

/**
 * Moves open events into their chains, if the position is still the one that was read and all of them are still open.
 *
 * $1 that position, $2 the one behind it · $3 when · $4 entries · $5 positions · $6 indices · $7 hashes · $8 instants of the
 * events · $9 their types · $10 the places of events among these, $11 the identities that they are by or about
 */
export const sealEvents: Statement = statement(`
  WITH sealed AS MATERIALIZED (
    SELECT * FROM unnest(
      $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[]
    ) WITH ORDINALITY AS s (entry, position, index, hash, happened_at, type, place)
  ), taken AS (
    UPDATE @stream SET position = $2::bigint, sealed_at = $3::bigint
    WHERE position = $1::bigint
      AND (SELECT count(*) FROM @outbox WHERE id = ANY ($4)) = cardinality($4)
    RETURNING position
  ), moved AS (
    DELETE FROM @outbox o WHERE o.id = ANY ($4) AND EXISTS (SELECT FROM taken)
    RETURNING o.id, o.organization, o.event
  ), rows AS MATERIALIZED (
    SELECT s.*, m.organization, m.event FROM moved m JOIN sealed s ON s.entry = m.id
  ), kept AS (
    INSERT INTO @events (position, organization, index, hash, sealed_at, happened_at, type, event)
    SELECT position, organization, index, hash, $3, happened_at, type, event FROM rows
  ), named AS (
    INSERT INTO @event_identities (organization, identity, index)
    SELECT r.organization, n.identity, r.index
    FROM unnest($10::bigint[], $11::text[]) AS n (place, identity) JOIN rows r ON r.place = n.place
  ), heads AS (
    INSERT INTO @chains AS c (organization, index, hash)
    SELECT DISTINCT ON (organization) organization, index, hash FROM rows
    ORDER BY organization, index DESC
    ON CONFLICT (organization) DO UPDATE SET index = excluded.index, hash = excluded.hash
  )
  SELECT position::text AS answer FROM taken`)

/** Reads the stream behind a position. */
export const readStream: Statement = statement(`
  SELECT ${SEALED}::text AS answer FROM @events e WHERE position > $1 ORDER BY position LIMIT $2`)

/** Reads one chain behind an index. */
export const readLinks: Statement = statement(`
  SELECT ${SEALED}::text AS answer FROM @events e
  WHERE organization = $1 AND index > $2 ORDER BY index LIMIT $3`)

/** Reads how one chain stands; a chain without events has no head. */
export const findChain: Statement = statement(`
  SELECT json_build_object(
    'index', c.index, 'hash', c.hash, 'checkpoint', c.checkpoint,
    'open', (SELECT count(*) FROM @outbox o WHERE o.organization = $1)
  )::text AS answer
  FROM (SELECT) AS one LEFT JOIN @chains c ON c.organization = $1::text`)

/** Names the organizations that have a chain. */
export const findChained: Statement = statement(`
  SELECT organization AS answer FROM @chains
  WHERE organization > coalesce($1::text, '') ORDER BY organization LIMIT $2`)

/** $1 organization · $2 type · $3 since · $4 until · $5 before which index · $6 limit; what is not wanted is NULL. */
export const pageOfChain: Statement = statement(`
  SELECT ${SEALED}::text AS answer FROM @events e
  WHERE e.organization = $1 AND ($2::text IS NULL OR e.type = $2)
    AND ($3::bigint IS NULL OR e.happened_at >= $3) AND ($4::bigint IS NULL OR e.happened_at < $4)
    AND ($5::bigint IS NULL OR e.index < $5)
  ORDER BY e.index DESC LIMIT $6`)

/** The same, of the events that are by or about the identity $7. */
export const pageOfIdentity: Statement = statement(`
  SELECT ${SEALED}::text AS answer
  FROM @event_identities n JOIN @events e ON e.organization = n.organization AND e.index = n.index
  WHERE n.organization = $1 AND n.identity = $7 AND ($2::text IS NULL OR e.type = $2)
    AND ($3::bigint IS NULL OR e.happened_at >= $3) AND ($4::bigint IS NULL OR e.happened_at < $4)
    AND ($5::bigint IS NULL OR n.index < $5)
  ORDER BY n.index DESC LIMIT $6`)

/**
 * Finds chains that need a checkpoint.
 *
 * $1 how many events · $2 since when · $3 before when events may be forgotten · $4 the key that signs now · $5 limit. Events
 * are sealed in the order of time, so the oldest ones behind an index are the next ones.
 */
export const findUnchecked: Statement = statement(`
  SELECT json_build_object(
    'organization', c.organization, 'index', c.index, 'hash', c.hash, 'checkpoint', c.checkpoint,
    'cut', cut.link
  )::text AS answer
  FROM @chains c
  LEFT JOIN LATERAL (
    SELECT e.index, json_build_object('index', e.index, 'hash', e.hash) AS link
    FROM @events e
    WHERE e.organization = c.organization AND e.sealed_at < $3::bigint
    ORDER BY e.sealed_at DESC, e.index DESC LIMIT 1
  ) last ON true
  LEFT JOIN LATERAL (SELECT last.link WHERE last.index > c.anchor_index) cut ON true
  WHERE c.index - c.checkpoint_index >= $1::bigint
    OR ($4::text IS NOT NULL AND c.checkpoint_kid IS DISTINCT FROM $4)
    OR cut.link IS NOT NULL
    OR $2::bigint >= (
      SELECT e.sealed_at FROM @events e
      WHERE e.organization = c.organization AND e.index > c.checkpoint_index
      ORDER BY e.index LIMIT 1
    )
  ORDER BY c.organization LIMIT $5`)

/** $1 organization · $2 index · $3 index of the anchor · $4 key · $5 checkpoint */
export const putCheckpoint: Statement = statement(`
  UPDATE @chains
  SET checkpoint = $5::text::json, checkpoint_index = $2, anchor_index = $3, checkpoint_kid = $4
  WHERE organization = $1 AND index >= $2 AND checkpoint_index <= $2 AND anchor_index <= $3
  RETURNING 'put' AS answer`)

/** Forgets at most $2 events that were sealed before $1 and that their checkpoint has let go. */
export const forgetEvents: Statement = statement(`
  SELECT @forget_events($1, $2)::text AS answer`)
