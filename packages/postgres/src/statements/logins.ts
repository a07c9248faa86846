import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { credentialOf, EVENT_COLUMNS, identityOf, namedBy } from './parts.ts'

/**
 * Reads all that a login is judged by.
 *
 * $1 identity, if it is named · $2 method · $3 source · $4 digests · $5 now · $6 classes of counters
 */
export const findLogin: Statement = statement(`
  WITH named AS MATERIALIZED (${namedBy('$4')}
  )
  SELECT json_build_object(
    'epoch', (SELECT epoch FROM @deployment),
    'identity', ${identityOf('i')},
    'authMethod', m.record,
    'template', (SELECT t.record FROM @auth_templates t WHERE t.id = m.template),
    'stored', own.credential,
    'knownSince', (
      SELECT k.since FROM @known_sources k
      WHERE k.organization = i.organization AND k.identity = i.id AND k.method = $2
        AND k.source = $3 AND $5::bigint < k.until
    ),
    'counters', (
      SELECT json_object_agg(c.class, json_build_object(
        'failures', c.failures, 'locked', c.locked, 'expiresAt', c.expires_at
      ))
      FROM @counters c
      WHERE c.organization = i.organization AND c.identity = i.id AND c.method = $2
        AND c.class = ANY ($6::text[]) AND $5 < c.expires_at
    )
  )::text AS answer
  FROM @identities i
  JOIN @auth_methods m ON m.identity = i.id AND m.method = $2::text
  LEFT JOIN LATERAL (
    SELECT ${credentialOf('n')} AS credential FROM named n
    WHERE n.auth_method = m.id ORDER BY n.place LIMIT 1
  ) own ON true
  WHERE i.id = coalesce($1::text, (SELECT identity FROM named ORDER BY place LIMIT 1))
    AND ($1 IS NOT NULL OR own.credential IS NOT NULL)`)

/** One transition of the lockout in core, of the row that is given: a lock that stands neither counts nor grows. */
const strikeInto = (row: string, threshold: string, window: string, from = ''): string => `
    INSERT INTO @counters AS c
      (organization, identity, method, class, failures, locked, expires_at, counted)
    SELECT
      $1, $2, $3, ${row}, 1, 1 >= ${threshold}::bigint,
      $8::bigint + CASE WHEN 1 >= ${threshold} THEN $7::bigint ELSE ${window}::bigint END, true
    ${from}
    ON CONFLICT (organization, identity, method, class) DO UPDATE
    SET (failures, locked, expires_at, counted) = (
      SELECT
        CASE WHEN n.stands THEN c.failures ELSE n.failures END,
        n.stands OR n.failures >= ${threshold},
        CASE
          WHEN n.stands THEN c.expires_at WHEN n.failures >= ${threshold} THEN $8 + $7 ELSE $8 + ${window}
        END,
        NOT n.stands
      FROM (
        SELECT
          c.locked AND $8 < c.expires_at AS stands,
          CASE WHEN NOT c.locked AND $8 < c.expires_at THEN c.failures + 1 ELSE 1 END AS failures
      ) n
    )
    RETURNING failures, locked, expires_at, counted`

/**
 * Counts a failure.
 *
 * $1 organization · $2 identity · $3 method · $4 class · $5 threshold · $6 window · $7 duration · $8 now · $9 the events of
 * the refusal · $10 those of the lock · $11 the class of the total, if there is one · $12 its threshold · $13 its window. The
 * transitions are those of the lockout in core: a lock that stands neither counts nor grows, a counter past its window starts
 * anew. The row is written in every case, because only what is written is certainly what everybody else has left. The total
 * is held after the counter that it depends on, here as in a grant.
 */
export const strikeCounter: Statement = statement(`
  WITH struck AS (${strikeInto('$4', '$5', '$6')}
  ), total AS (${strikeInto('$11::text', '$12', '$13', 'FROM struck WHERE counted AND $11 IS NOT NULL')}
  ), noted AS (
    INSERT INTO @outbox (organization, event)
    SELECT ${EVENT_COLUMNS} FROM struck, (
      SELECT 1 AS part, event, place FROM unnest($9::text[]) WITH ORDINALITY AS r (event, place)
      UNION ALL
      SELECT 2, event, place FROM unnest($10::text[]) WITH ORDINALITY AS l (event, place)
    ) e
    WHERE e.part = 1 OR (struck.counted AND struck.locked)
      OR EXISTS (SELECT FROM total WHERE counted AND locked)
    ORDER BY e.part, e.place
  )
  SELECT json_build_object(
    'failures', failures, 'locked', locked, 'expiresAt', expires_at, 'counted', counted,
    'total', (
      SELECT json_build_object(
        'failures', t.failures, 'locked', t.locked, 'expiresAt', t.expires_at, 'counted', t.counted
      ) FROM total t
    )
  )::text AS answer FROM struck`)
