import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** What `sql.begin` of postgres.js hands over. */
export interface PostgresJsTransaction {
  unsafe(
    text: string,
    values: (string | null)[],
    options: { readonly prepare: boolean },
  ): PromiseLike<unknown>
  readonly savepoint: unknown
}

/** Takes a transaction of postgres.js for `within`. */
export function fromPostgresJs(transaction: PostgresJsTransaction): PostgresClient {
  assertTransaction(typeof transaction.savepoint === 'function', 'postgres.js')
  return createHostClient(({ text, values, isPrepared }) =>
    transaction.unsafe(text, values, { prepare: isPrepared }),
  )
}
