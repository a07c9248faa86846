import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** What `knex.transaction` hands over. */
export interface KnexTransaction {
  readonly isTransaction?: boolean
  isCompleted(): boolean
  readonly client: unknown
}

interface KnexClient {
  acquireConnection(): Promise<{
    query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>
  }>
}

/**
 * Takes a transaction of Knex for `within`. Statements go to its connection as they are, because Knex would number our
 * parameters anew.
 */
export function fromKnex(transaction: KnexTransaction): PostgresClient {
  assertTransaction(transaction.isTransaction, 'Knex')
  const client = transaction.client as KnexClient
  return createHostClient(async ({ text, values }) => {
    // When it is over, its connection belongs to somebody else.
    assertTransaction(!transaction.isCompleted(), 'Knex')
    const connection = await client.acquireConnection()
    return (await connection.query(text, values)).rows
  })
}
