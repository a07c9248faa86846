import { forgettableAt } from '../plugin.ts'
import type { Table } from './table.ts'
import type { Tables } from './tables.ts'

const NEVER = new Date(8.64e15)

/** Forgets what is past its end, at most `limit` rows, and answers how many. */
export function sweep(tables: Tables, now: Date, limit: number): number {
  let left = limit
  function forget<Row>(table: Table<Row>, endOf: (row: Row) => Date): void {
    for (const row of table.all()) {
      if (left <= 0) return
      if (now < endOf(row)) continue
      table.delete(table.shape.keyOf(row))
      left -= 1
    }
  }
  forget(tables.counters, ({ counter }) => counter.expiresAt)
  forget(tables.revocations, ({ until }) => until)
  forget(tables.once, ({ until }) => until)
  forget(tables.told, ({ until }) => until)
  forget(tables.useCounts, ({ until }) => until)
  forget(tables.credentials, ({ credential }) => forgettableAt(credential) ?? NEVER)
  forget(tables.signingKeys, ({ retiresAt }) => retiresAt ?? NEVER)
  forget(tables.known, ({ sources }) => new Date(Math.max(...sources.map(({ until }) => +until))))
  return limit - left
}
