/** Says how rows are found: by a key of their own, and in groups, which serve as indices. */
export interface TableShape<Row> {
  keyOf(row: Row): string
  groupsOf(row: Row): readonly string[]
}

/** Immutable rows by key and by group. Every method is synchronous: between two awaits nobody else is served. */
export interface Table<Row> {
  readonly shape: TableShape<Row>
  get(key: string): Row | undefined
  in(group: string): Iterable<Row>
  all(): Iterable<Row>
  put(row: Row): void
  delete(key: string): void
  /** Another number after each change of the group, or of the table where no group is named. */
  versionOf(group?: string): number
}

interface Group<Row> {
  readonly rows: Map<string, Row>
  version: number
}

/** Creates an empty table. */
export function createTable<Row>(shape: TableShape<Row>): Table<Row> {
  const rows = new Map<string, Row>()
  const groups = new Map<string, Group<Row>>()
  let version = 0

  function enter(name: string, key: string, row: Row): void {
    const group = groups.get(name) ?? { rows: new Map<string, Row>(), version }
    group.rows.set(key, row)
    group.version = version
    groups.set(name, group)
  }

  function leave(name: string, key: string): void {
    const group = groups.get(name)
    if (group === undefined) return
    group.rows.delete(key)
    group.version = version
    if (group.rows.size === 0) groups.delete(name)
  }

  function remove(key: string): void {
    const row = rows.get(key)
    if (row === undefined) return
    version += 1
    rows.delete(key)
    for (const name of shape.groupsOf(row)) leave(name, key)
  }

  return {
    shape,
    get: (key) => rows.get(key),
    in: (group) => groups.get(group)?.rows.values() ?? [],
    all: () => rows.values(),
    put(row) {
      const key = shape.keyOf(row)
      remove(key)
      version += 1
      rows.set(key, row)
      for (const name of shape.groupsOf(row)) enter(name, key, row)
    },
    delete: remove,
    // An empty group has version 0, however often it was filled and emptied.
    versionOf: (group) => (group === undefined ? version : (groups.get(group)?.version ?? 0)),
  }
}

/** The first row of a group that names at most one. */
export function oneOf<Row>(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row
  return undefined
}
