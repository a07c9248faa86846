import type { Stores } from '@countersign/core/plugin'
import type { PostgresClient } from './client.ts'
import type { Db } from './db.ts'
import { isForestalled, sqlStateOf } from './failure.ts'
import { forestalled } from './open-db.ts'
import { createTransactionDb } from './pool-db.ts'
import type { SessionOptions } from './session.ts'
import type { Statement } from './statement.ts'
import { statement } from './statement.ts'
import { createStores } from './stores/stores.ts'

/** Creates the stores of a transaction that the host has opened and will end. */
export function createStoresWithin(
  transaction: unknown,
  session: SessionOptions,
  schema: string,
): Stores {
  const db = withinTransaction(transaction, session)
  const stores = createStores(db, schema)
  const { organizations } = stores
  return {
    ...stores,
    organizations: {
      ...organizations,
      // Every change begins here. What is no transaction would hold nothing, and undo nothing.
      async hold(id) {
        await assertOpen(db)
        await organizations.hold(id)
      },
    },
  }
}

/** Postgres locks tables in transactions alone; this lock is the one that any reader takes. */
const LOCK: Statement = { ...statement('LOCK TABLE @deployment IN ACCESS SHARE MODE'), once: true }

/** SQLSTATE of what only a transaction may do. */
const NO_TRANSACTION = '25P01'

async function assertOpen(db: Db): Promise<void> {
  try {
    await db.ask(LOCK, [])
  } catch (error) {
    if (sqlStateOf(error) !== NO_TRANSACTION) throw error
    throw new TypeError('within() takes a transaction that is open; on this client there is none')
  }
}

/** Creates the statements of a transaction that the host has opened and will end. */
export function withinTransaction(transaction: unknown, session: SessionOptions): Db {
  const db = createTransactionDb(toClient(transaction), session)
  return {
    atomic: (run) => db.atomic(run),
    async ask(statement, values) {
      try {
        return await db.ask(statement, values)
      } catch (error) {
        // Only the host can begin its transaction again.
        throw isForestalled(error) ? forestalled(error) : error
      }
    },
  }
}

function toClient(transaction: unknown): PostgresClient {
  if (typeof transaction === 'object' && transaction !== null && 'query' in transaction)
    if (typeof transaction.query === 'function' && !('totalCount' in transaction))
      return transaction as PostgresClient
  throw new TypeError(
    'A transaction must be the client on which it was opened, or what @countersign/postgres/hosts makes of another one',
  )
}
