import type { PostgresClient, PostgresQuery } from '../client.ts'
import { reveal } from './reveal.ts'
import type { Text } from './texts.ts'
import { toTexts } from './texts.ts'

/** A statement as a library of the host's is handed it. */
export interface HostStatement {
  readonly text: string
  readonly values: Text[]
  /** Whether it comes often enough to be prepared. */
  readonly isPrepared: boolean
}

/** Creates the client of a transaction that a library of the host's holds open. */
export function createHostClient(
  run: (statement: HostStatement) => PromiseLike<unknown>,
): PostgresClient {
  return {
    async query({ name, text, values }: PostgresQuery) {
      try {
        const rows = await run({ text, values: toTexts(values), isPrepared: name !== undefined })
        return { rows: Array.isArray(rows) ? rows : [] }
      } catch (error) {
        throw reveal(error)
      }
    },
  }
}

/** Throws unless `isOpen`: beside a transaction, each statement would count by itself. */
export function assertTransaction(isOpen: unknown, library: string): void {
  if (isOpen !== true) throw new TypeError(`This is no open transaction of ${library}`)
}
