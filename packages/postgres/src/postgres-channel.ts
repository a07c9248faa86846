import type {
  InvalidationChannel,
  PushConnection,
  Runtime,
  Seconds,
} from '@countersign/core/plugin'
import { createPushedChannel, systemRuntime, toMessageText } from '@countersign/core/plugin'
import type { PostgresListeningPool } from './listening.ts'
import { keepListening } from './listening.ts'
import { DEFAULT_SCHEMA } from './migrations/check-schema.ts'
import { openDb } from './open-db.ts'
import { keepPolling } from './polling.ts'
import type { PoolDb } from './pool-db.ts'
import type { Statement } from './statement.ts'
import { assertSchemaName, fingerprintOf, statement } from './statement.ts'
import { tellChange, tidyChanges } from './statements/changes.ts'
import { withinTransaction } from './within.ts'

/** The pool that a channel works on, and how. */
export interface PostgresChannelOptions {
  /**
   * A pool of pg 8. Without `poll` its connections must be connections: a pooler that gives each transaction another one
   * cannot notify. One connection listens then for as long as the engine runs. The pool stays the host's to end.
   */
  readonly pool: PostgresListeningPool
  /**
   * Looks for what others changed every so many seconds, instead of listening: for a pool behind a pooler of transactions.
   * Each look is one statement. From 0.05 to 60.
   */
  readonly poll?: Seconds
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

/**
 * Creates a channel in Postgres, for deployments that have nothing else: on LISTEN and NOTIFY, or by looking every so often.
 * @throws RangeError where `poll` is out of its bounds.
 */
export function postgresChannel(options: PostgresChannelOptions): PostgresChannel {
  const { pool, schema = DEFAULT_SCHEMA, poll, runtime = systemRuntime } = options
  assertSchemaName(schema)
  if (poll !== undefined && !(poll >= 0.05 && poll <= 60))
    throw new RangeError('poll must be 0.05 to 60 seconds')
  const { db, session } = openDb(pool, { schema, prepare: false })
  const name = `countersign_${fingerprintOf(schema)}`
  const tell = poll === undefined ? notifyOf(name) : tellChange
  const connection: PushConnection =
    poll === undefined
      ? {
          longest: LONGEST,
          send: async (text) => void (await db.ask(tell, [text])),
          receive: (receiver) => keepListening({ pool, runtime, name, receiver }),
        }
      : {
          send: (text) => writeChange(db, text),
          receive: (receiver) => keepPolling({ db, runtime, every: poll, receiver }),
        }
  return {
    ...createPushedChannel(connection, runtime.random),
    async publishWithin(transaction, invalidation) {
      // Nobody is named as the sender: this node has forgotten nothing yet, and shall hear of it when it is true.
      const text = toMessageText({ invalidations: [invalidation] })
      await withinTransaction(transaction, session).ask(tell, [text])
    },
  }
}

function notifyOf(name: string): Statement {
  return { ...statement(`SELECT pg_notify('${name}', $1)::text AS answer`), once: true }
}

/** Writes a message for who looks. What was told is told: whether others were tidied away is nobody's concern. */
async function writeChange(db: PoolDb, text: string): Promise<void> {
  await db.ask(tellChange, [text])
  await db.ask(tidyChanges, []).catch(() => undefined)
}
