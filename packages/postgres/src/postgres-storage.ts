import type { Seconds, Storage } from '@countersign/core/plugin'
import { assertSessions } from './assert-session.ts'
import type { PostgresPool } from './client.ts'
import { assertSchema, DEFAULT_SCHEMA } from './migrations/check-schema.ts'
import { openDb } from './open-db.ts'
import { assertSchemaName } from './statement.ts'
import { readClock } from './statements/authority.ts'
import { createSinkPlaces } from './stores/sink-places.ts'
import { createStores } from './stores/stores.ts'
import { createTrail } from './stores/trail.ts'
import { sweep } from './sweep.ts'
import { createStoresWithin } from './within.ts'

/** The pool that a storage works on, and how. */
export interface PostgresStorageOptions {
  /** A pool of pg 8, or anything of its form; it stays the host's to end. */
  readonly pool: PostgresPool
  /** The schema of our tables; `countersign` where absent. */
  readonly schema?: string
  /** Set to false behind a pooler that gives each transaction another connection. */
  readonly prepare?: boolean
  /** How long one call may take until it gives up; just under two seconds where absent. */
  readonly timeout?: Seconds
  /** How many calls may wait for a connection, until others are turned away at once; 10,000 where absent. */
  readonly maxWaiting?: number
}

/** A storage in Postgres, which can write within a transaction of the host's. */
export type PostgresStorage = Storage & Required<Pick<Storage, 'within'>>

/** Creates a storage in Postgres 14 to 18, on a pool that the host has already. */
export function postgresStorage(options: PostgresStorageOptions): PostgresStorage {
  const { pool, schema = DEFAULT_SCHEMA, prepare = true } = options
  assertSchemaName(schema)
  const { db, session, close } = openDb(pool, { ...options, schema, prepare })
  return {
    ...createStores(db, schema),
    durable: true,
    trail: createTrail(db),
    sinkPlaces: createSinkPlaces(db),
    transaction: (run) => db.transact((tx) => run(createStores(tx, schema))),
    within: (transaction) => createStoresWithin(transaction, session, schema),
    async now() {
      const [now] = await db.ask(readClock, [])
      return new Date(Number(now))
    },
    sweep: (now, limit) => sweep(db, now, limit),
    async ready() {
      if (session.named) await assertSessions(pool, session.timeout)
      await assertSchema(db, schema)
    },
    close: async () => close(),
  }
}
