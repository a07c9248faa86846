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

/** Makes room for what is sealed in the month of $1, and in the next one. */
export const openMonths: Statement = statement(`
  SELECT @open_months($1)::text AS answer`)

/**
 * Moves open events into their chains, if the position is still the one that was read and all of them are still open.
 *
 * $1 that position, $2 the one behind it · $3 when · $4 entries · $5 positions · $6 indices · $7 hashes
 */
export const sealEvents: Statement = statement(`
  WITH sealed AS MATERIALIZED (
    SELECT * FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
      AS s (entry, position, index, hash)
  ), taken AS (
    UPDATE @stream SET position = $2::bigint, sealed_at = $3::bigint
    WHERE position = $1::bigint
      AND (SELECT count(*) FROM @outbox WHERE id = ANY ($4)) = cardinality($4)
    RETURNING position
  ), moved AS (
    DELETE FROM @outbox o WHERE o.id = ANY ($4) AND EXISTS (SELECT FROM taken)
    RETURNING o.id, o.event
  ), kept AS (
    INSERT INTO @events (position, index, sealed_at, hash, event)
    SELECT s.position, s.index, $3, s.hash, m.event FROM moved m JOIN sealed s ON s.entry = m.id
    RETURNING organization, index, hash
  ), heads AS (
    INSERT INTO @chains AS c (organization, index, hash, unchecked_since, kept_since)
    SELECT DISTINCT ON (organization) organization, index, hash, $3::bigint, $3::bigint FROM kept
    ORDER BY organization, index DESC
    ON CONFLICT (organization) DO UPDATE SET
      index = excluded.index, hash = excluded.hash,
      unchecked_since = coalesce(c.unchecked_since, excluded.unchecked_since),
      kept_since = coalesce(c.kept_since, excluded.kept_since)
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

/** What a page of a chain is searched by, beside its organization and instants. */
export interface PageConditions {
  readonly identity: boolean
  readonly type: boolean
}

/**
 * Shows the newest events of a chain.
 *
 * $1 organization · $2 type · $3 identity · $4 since · $5 until · $6 before which index · $7 limit · $8 sealed since; what is
 * not wanted is NULL. Months that were over before $8 are not opened at all. There is a statement for each way to search,
 * because each has an index of its own, in the order of the chain.
 */
export function pageOf({ identity, type }: PageConditions): Statement {
  if (identity) return type ? pageOfIdentityAndType : pageOfIdentity
  return type ? pageOfType : pageOfChain
}

const newest = (condition: string): string => `
  SELECT e.position, e.index, e.hash, e.event FROM @events e
  WHERE e.organization = $1 AND ${condition}
    AND e.happened_at >= coalesce($4::text, '') AND e.happened_at < coalesce($5::text, '~')
    AND e.index < coalesce($6::bigint, ${Number.MAX_SAFE_INTEGER})
    AND e.sealed_at >= coalesce($8::bigint, 0)
  ORDER BY e.index DESC LIMIT $7`

const page = (found: string): Statement =>
  statement(`
  SELECT ${SEALED}::text AS answer FROM (${found}) e ORDER BY e.index DESC LIMIT $7`)

/** An event can name an identity three times, and is shown once. */
const newestOf = (condition: string): string =>
  [
    'e.actor_identity = $3',
    'e.target_identity = $3 AND e.actor_identity IS DISTINCT FROM $3',
    'e.named_identity = $3 AND e.actor_identity IS DISTINCT FROM $3 AND e.target_identity IS DISTINCT FROM $3',
  ]
    .map((isNamed) => `(${newest(`${isNamed} AND ${condition}`)})`)
    .join(' UNION ALL ')

/** A statement names each of its parameters, so that it has a type. */
const ANY_TYPE = '$2::text IS NULL'
const NO_IDENTITY = '$3::text IS NULL'

const pageOfChain = page(newest(`${ANY_TYPE} AND ${NO_IDENTITY}`))
const pageOfType = page(newest(`e.type = $2 AND ${NO_IDENTITY}`))
const pageOfIdentity = page(newestOf(ANY_TYPE))
const pageOfIdentityAndType = page(newestOf('e.type = $2'))

/** At most $5 chains of which one thing is due. */
const due = (condition: string, order = ''): string =>
  `(SELECT organization FROM @chains WHERE ${condition} ${order} LIMIT $5)`

/**
 * Finds chains that need a checkpoint: each reason has its index, so what is not due is not looked at.
 *
 * $1 how many events · $2 since when · $3 before which month events may be forgotten · $4 the key that signs now · $5 limit.
 */
export const findUnchecked: Statement = statement(`
  WITH due AS (
    ${[
      due('unchecked_since <= $2::bigint', 'ORDER BY unchecked_since'),
      due('unchecked_since IS NOT NULL AND index - checkpoint_index >= $1::bigint'),
      due('kept_since < $3::bigint', 'ORDER BY kept_since'),
      due('checkpoint_kid < $4::text'),
      due('checkpoint_kid > $4::text'),
      due('$4::text IS NOT NULL AND checkpoint_kid IS NULL'),
    ].join(' UNION ')}
  )
  SELECT json_build_object(
    'organization', c.organization, 'index', c.index, 'hash', c.hash, 'checkpoint', c.checkpoint,
    'cut', cut.link
  )::text AS answer
  FROM due JOIN @chains c ON c.organization = due.organization
  LEFT JOIN LATERAL (
    SELECT json_build_object('index', e.index, 'hash', e.hash) AS link
    FROM @events e
    WHERE e.organization = c.organization AND e.sealed_at < $3::bigint AND e.index > c.anchor_index
    ORDER BY e.index DESC LIMIT 1
  ) cut ON c.kept_since < $3::bigint
  ORDER BY c.organization LIMIT $5`)

/** When the first event behind an index of chain `c` was sealed. One that came meanwhile is no older than what stood there. */
const sealedBehind = (index: string, known: string): string => `coalesce((
      SELECT e.sealed_at FROM @events e
      WHERE e.organization = c.organization AND e.index > ${index} ORDER BY e.index LIMIT 1
    ), ${known})`

/** $1 organization · $2 index · $3 index of the anchor · $4 checkpoint */
export const putCheckpoint: Statement = statement(`
  UPDATE @chains c SET
    checkpoint = $4::text::json,
    unchecked_since = CASE WHEN c.index > $2 THEN ${sealedBehind('$2', 'c.unchecked_since')} END,
    kept_since = CASE
      WHEN c.anchor_index = $3 THEN c.kept_since
      WHEN c.index > $3 THEN ${sealedBehind('$3', 'c.kept_since')}
    END
  WHERE organization = $1 AND index >= $2 AND checkpoint_index <= $2 AND anchor_index <= $3
  RETURNING 'put' AS answer`)

/** Forgets a month that was over before $1, or at most $2 events of it, as far as checkpoints have let go of them. */
export const forgetEvents: Statement = statement(`
  SELECT @forget_events($1, $2)::text AS answer`)
