import type { PostgresConnection, PostgresPool } from './client.ts'

/** The little of a PGlite that is used. */
export interface PgliteClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/**
 * Lends the one connection of a PGlite, to one borrower after the other.
 *
 * The PGlite belongs to the storage alone: what somebody else ran on it meanwhile would stand in the middle of a transaction.
 */
export function fromPglite(pglite: PgliteClient): PostgresPool {
  let free: Promise<void> = Promise.resolve()

  return {
    prepares: false,
    async connect(): Promise<PostgresConnection> {
      const before = free
      let release: () => void = () => undefined
      free = new Promise((resolve) => {
        release = resolve
      })
      await before
      return { query: ({ text, values }) => pglite.query(text, values), release: () => release() }
    },
  }
}
