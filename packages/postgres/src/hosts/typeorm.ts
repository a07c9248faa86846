import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** The query runner of TypeORM, which holds the connection of a transaction. */
export interface TypeormQueryRunner {
  readonly isTransactionActive: boolean
  query(text: string, values: unknown[], structured: true): Promise<{ readonly records: unknown }>
}

/** What `dataSource.transaction` of TypeORM hands over. */
export interface TypeormEntityManager {
  readonly queryRunner?: TypeormQueryRunner | undefined
}

/** Takes a transaction of TypeORM for `within`: its entity manager, or its query runner. */
export function fromTypeorm(
  transaction: TypeormEntityManager | TypeormQueryRunner,
): PostgresClient {
  const runner = isRunner(transaction) ? transaction : transaction.queryRunner
  assertTransaction(runner?.isTransactionActive, 'TypeORM')
  return createHostClient(async ({ text, values }) => {
    assertTransaction(runner?.isTransactionActive, 'TypeORM')
    return (await runner?.query(text, values, true))?.records
  })
}

function isRunner(
  transaction: TypeormEntityManager | TypeormQueryRunner,
): transaction is TypeormQueryRunner {
  return 'isTransactionActive' in transaction
}
