import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/** Keeps a request where none stands that is not over at $4; answers whether it did. */
export const beginRepeat: Statement = statement(`
  INSERT INTO @repeats AS r (name, fingerprint, until) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE
  SET fingerprint = excluded.fingerprint, until = excluded.until, made = NULL
  WHERE r.until <= $4
  RETURNING 'begun' AS answer`)

/** Reads what stands under a name. */
export const readRepeat: Statement = statement(`
  SELECT json_build_object('fingerprint', fingerprint, 'until', until, 'made', made::json)::text
    AS answer
  FROM @repeats WHERE name = $1`)

/** Notes what became of a request, once. */
export const finishRepeat: Statement = statement(`
  UPDATE @repeats SET until = $3, made = $4
  WHERE name = $1 AND fingerprint = $2 AND made IS NULL`)

/** Takes a request away that came to nothing. */
export const forgetRepeat: Statement = statement(`
  DELETE FROM @repeats WHERE name = $1 AND fingerprint = $2 AND made IS NULL`)
