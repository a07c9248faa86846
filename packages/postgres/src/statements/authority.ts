import type { Statement } from '../statement.ts'
import { statement } from '../statement.ts'

/** Reads the clock of the server, to the millisecond. */
export const readClock: Statement = statement(`
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS answer`)
