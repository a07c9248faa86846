import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** What `db.transaction` of Drizzle hands over. */
export interface DrizzleTransaction {
  execute(query: never): PromiseLike<unknown>
  readonly rollback: unknown
}

/** Takes a transaction of Drizzle for `within`, whatever driver is under it. */
export function fromDrizzle(transaction: DrizzleTransaction): PostgresClient {
  assertTransaction(typeof transaction.rollback === 'function', 'Drizzle')
  return createHostClient(async ({ text, values }) => {
    const written = { sql: text, params: values, typings: [] }
    // The form of an `SQL`, of which Drizzle asks the text: its own would number our parameters anew.
    const query = { getSQL: () => ({ toQuery: () => written }) }
    return rowsOf(await transaction.execute(query as never))
  })
}

/** Some drivers answer rows, others a result that holds them. */
function rowsOf(result: unknown): unknown {
  if (typeof result === 'object' && result !== null && 'rows' in result) return result.rows
  return result
}
