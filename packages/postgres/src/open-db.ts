import { conflict } from '@countersign/core/plugin'
import type { PostgresPool } from './client.ts'
import { createConnections } from './connections.ts'
import { createDeadlines } from './deadline.ts'
import { sqlStateOf } from './failure.ts'
import type { PoolDb } from './pool-db.ts'
import { createPoolDb } from './pool-db.ts'
import type { SessionOptions } from './session.ts'
import { createPreparation } from './statement.ts'

/** How statements reach a pool. */
export interface DbOptions {
  readonly schema: string
  readonly prepare: boolean
  /** Seconds until a call gives up. */
  readonly timeout?: number
  /** How many calls may wait for a connection. */
  readonly maxWaiting?: number
}

/** The statements of a pool, and how to let go of it. */
export interface OpenDb {
  readonly db: PoolDb
  readonly session: SessionOptions
  close(): void
}

/** Whoever waits for two seconds learns that there is no answer, with some time to say so. */
const TIMEOUT = 1.8

const MAX_WAITING = 10_000

/** Opens a pool for statements of one schema. */
export function openDb(pool: PostgresPool, options: DbOptions): OpenDb {
  const { schema, prepare, timeout = TIMEOUT, maxWaiting = MAX_WAITING } = options
  const session = {
    prepare: createPreparation(schema),
    named: prepare && pool.prepares !== false,
    timeout,
    deadline: createDeadlines(timeout),
  }
  const connections = createConnections(pool, maxWaiting)
  const db = createPoolDb(connections, session, forestalled)
  return { db, session, close: connections.close }
}

/** Answers the error of somebody whom others kept forestalling; a table of the host's that refers to a row stays, too. */
export function forestalled(error: unknown): Error {
  if (sqlStateOf(error) === '23503') return conflict('Something else refers to this record')
  return conflict('Others kept changing what this call had read')
}
