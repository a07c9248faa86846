import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** What `db.transaction().execute` of Kysely hands over. */
export interface KyselyTransaction {
  readonly isTransaction: boolean
  withoutPlugins(): { executeQuery(query: never): Promise<{ readonly rows: readonly unknown[] }> }
}

/** Takes a transaction of Kysely for `within`; plugins of the host's change nothing of ours. */
export function fromKysely(transaction: KyselyTransaction): PostgresClient {
  assertTransaction(transaction.isTransaction, 'Kysely')
  const plain = transaction.withoutPlugins()
  return createHostClient(async ({ text, values }) => {
    const query = { kind: 'RawNode', sqlFragments: [text], parameters: [] }
    const compiled = { sql: text, parameters: values, query, queryId: { queryId: text } }
    // The form of a `CompiledQuery`, which only Kysely itself could name.
    return (await plain.executeQuery(compiled as never)).rows
  })
}
