import type { Table } from './table.ts'

/** Changes that nobody else sees until they are applied. */
export interface Draft {
  /** Whether everything that was read still stands. */
  isCurrent(): boolean
  apply(): void
}

/** A table of changes over another one. */
export interface Overlay<Row> extends Table<Row>, Draft {}

/** Creates a table that remembers what was read from `base`, and keeps what is written to itself. */
export function createOverlay<Row>(base: Table<Row>): Overlay<Row> {
  const { shape } = base
  const written = new Map<string, Row | undefined>()
  const read = new Map<string, Row | undefined>()
  const scanned = new Map<string | undefined, number>()
  let changes = 0

  function* merge(rows: Iterable<Row>, group?: string): Iterable<Row> {
    for (const row of rows) if (!written.has(shape.keyOf(row))) yield row
    for (const row of written.values()) {
      if (row !== undefined && (group === undefined || shape.groupsOf(row).includes(group)))
        yield row
    }
  }

  function scan(rows: Iterable<Row>, group?: string): Iterable<Row> {
    if (!scanned.has(group)) scanned.set(group, base.versionOf(group))
    return merge(rows, group)
  }

  function write(key: string, row: Row | undefined): void {
    changes += 1
    written.set(key, row)
  }

  return {
    shape,
    get(key) {
      if (written.has(key)) return written.get(key)
      const row = base.get(key)
      if (!read.has(key)) read.set(key, row)
      return row
    },
    in: (group) => scan(base.in(group), group),
    all: () => scan(base.all()),
    put: (row) => write(shape.keyOf(row), row),
    delete: (key) => write(key, undefined),
    versionOf: (group) => base.versionOf(group) + changes,
    isCurrent() {
      for (const [key, row] of read) if (base.get(key) !== row) return false
      for (const [group, version] of scanned) if (base.versionOf(group) !== version) return false
      return true
    },
    apply() {
      for (const [key, row] of written) row === undefined ? base.delete(key) : base.put(row)
    },
  }
}
