import type { InvalidationChannel, Runtime } from '@countersign/core/plugin'
import { createPushedChannel, systemRuntime, toMessageText } from '@countersign/core/plugin'
import type { PostgresListeningPool } from './listening.ts'
import { keepListening } from './listening.ts'
import { DEFAULT_SCHEMA } from './migrations/check-schema.ts'
import { openDb } from './open-db.ts'
import type { Statement } from './statement.ts'
import { assertSchemaName, fingerprintOf, statement } from './statement.ts'
import { withinTransaction } from './within.ts'

/** The pool that a channel works on, and how. */
export interface PostgresChannelOptions {
  /**
   * A pool of pg 8 whose connections are connections: a pooler that gives each transaction another one cannot notify. One
   * connection listens for as long as the engine runs; the pool stays the host's to end.
   */
  readonly pool: PostgresListeningPool
  /** The schema of the storage whose changes are told; `countersign` where absent. */
  readonly schema?: string
  /** Time, waiting and randomness, for tests: no app sets it. */
  readonly runtime?: Runtime
}

/** A channel that can speak in a transaction of the host's. */
export type PostgresChannel = InvalidationChannel &
  Required<Pick<InvalidationChannel, 'publishWithin'>>

/** Postgres takes texts up to 8,000 bytes, less one. */
const LONGEST = 7999

/** Creates a channel on LISTEN and NOTIFY, for deployments that have nothing but Postgres. */
export function postgresChannel(options: PostgresChannelOptions): PostgresChannel {
  const { pool, schema = DEFAULT_SCHEMA, runtime = systemRuntime } = options
  assertSchemaName(schema)
  const name = `countersign_${fingerprintOf(schema)}`
  const notify: Statement = {
    ...statement(`SELECT pg_notify('${name}', $1)::text AS answer`),
    once: true,
  }
  const { db, session } = openDb(pool, { schema, prepare: false })
  const channel = createPushedChannel(
    {
      longest: LONGEST,
      async send(text) {
        await db.ask(notify, [text])
      },
      receive: (receiver) => keepListening({ pool, runtime, name, receiver }),
    },
    runtime.random,
  )
  return {
    ...channel,
    async publishWithin(transaction, invalidation) {
      // Nobody is named as the sender: this node has forgotten nothing yet, and shall hear of it when it is true.
      const text = toMessageText({ invalidations: [invalidation] })
      await withinTransaction(transaction, session).ask(notify, [text])
    },
  }
}
