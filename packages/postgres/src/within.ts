import type { PostgresClient } from './client.ts'
import type { Db } from './db.ts'
import { isForestalled } from './failure.ts'
import { forestalled } from './open-db.ts'
import { createTransactionDb } from './pool-db.ts'
import type { SessionOptions } from './session.ts'

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
        throw isForestalled(error) ? forestalled() : error
      }
    },
  }
}

function toClient(transaction: unknown): PostgresClient {
  if (typeof transaction === 'object' && transaction !== null && 'query' in transaction)
    if (typeof transaction.query === 'function') return transaction as PostgresClient
  throw new TypeError('A transaction must be the client on which it was opened')
}
