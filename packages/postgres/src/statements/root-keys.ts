import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'
import { noteIf } from './parts.ts'

const USABLE = `revoked_at IS NULL AND (expires_at IS NULL OR $1::bigint < expires_at)
    AND (max_uses IS NULL OR uses < max_uses)`

/** Counts the usable credentials of each root key. */
export const findRootKeyUses: Statement = statement(`
  SELECT json_build_object(
    'rootKey', root_key,
    'clientSecrets', count(*) FILTER (WHERE kind = 'secret'),
    'staticTokens', count(*) FILTER (WHERE kind = 'token')
  )::text AS answer
  FROM @credentials WHERE ${USABLE}
  GROUP BY root_key`)

/**
 * Revokes all usable credentials of a root key, and what they opened.
 *
 * $1 when · $2 root key · $3 revocation · $4 until when its tokens may live · $5 events
 */
export const retireRootKey: Statement = statement(`
  WITH ended AS (
    UPDATE @credentials SET revoked_at = $1, revoked = $3::text::json WHERE root_key = $2 AND ${USABLE}
    RETURNING organization, id
  ), marked AS (
    INSERT INTO @revocations AS r (organization, id, until)
    SELECT organization, id, $4::bigint FROM ended
    ON CONFLICT (organization, id) DO UPDATE
    SET until = greatest(r.until, excluded.until), stood = true
  ), ${noteIf('ended', 5)}
  SELECT count(*)::text AS answer FROM ended`)
