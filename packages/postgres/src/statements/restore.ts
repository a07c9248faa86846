import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/**
 * Raises the epoch of the deployment above every one that it has ever had.
 *
 * A backup may be restored twice, so the next epoch is an instant rather than a count: what the first restore has raised
 * is not in the backup. $1 the highest epoch that is known from elsewhere.
 */
export const raiseEpoch: Statement = statement(`
  WITH clock AS (
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
  ), raised AS (
    UPDATE @deployment d SET
      epoch = greatest(d.epoch + 1, $1::bigint + 1, clock.now),
      key_revision = greatest(d.key_revision + 1, clock.now)
    FROM clock RETURNING d.epoch, clock.now
  )
  SELECT json_build_object(
    'epoch', epoch, 'now', now,
    'entropy', encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex')
  )::text AS answer FROM raised`)

/** Uses up what may be used a limited number of times: how often it was since the backup, nobody knows. */
export const exhaustCredentials: Statement = statement(`
  WITH spent AS (
    UPDATE @credentials SET
      uses = max_uses, first_used_at = coalesce(first_used_at, $1::bigint), last_used_at = $1
    WHERE max_uses IS NOT NULL AND uses < max_uses AND revoked_at IS NULL
    RETURNING 1
  )
  SELECT count(*)::text AS answer FROM spent`)

/** Ends a client secret at $3, if it does not end sooner. */
export const endCredential: Statement = statement(`
  UPDATE @credentials SET expires_at = $3::bigint
  WHERE organization = $1 AND id = $2 AND kind = 'secret'
    AND (expires_at IS NULL OR expires_at > $3)
  RETURNING id AS answer`)
