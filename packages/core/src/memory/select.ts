/** The rows that match, one by one. */
export function* select<Row>(rows: Iterable<Row>, matches: (row: Row) => boolean): Iterable<Row> {
  for (const row of rows) if (matches(row)) yield row
}

/** Tells whether a value is the wanted one; nothing wanted is any. */
export function isWanted<T>(wanted: T | undefined, value: T | undefined): boolean {
  return wanted === undefined || wanted === value
}
