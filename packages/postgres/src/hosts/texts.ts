/** A parameter as Postgres itself reads it: every client hands texts on as they are, and no two agree about the rest. */
export type Text = string | null

/** Writes parameters as texts. */
export function toTexts(values: readonly unknown[]): Text[] {
  return values.map((value) => {
    if (value === null || value === undefined) return null
    return Array.isArray(value) ? toArrayText(value) : String(value)
  })
}

/** The outer form of an array (PostgreSQL 8.15.6). */
function toArrayText(items: readonly unknown[]): string {
  return `{${items.map(toItemText).join(',')}}`
}

function toItemText(item: unknown): string {
  if (item === null || item === undefined) return 'NULL'
  return `"${String(item).replace(/["\\]/g, '\\$&')}"`
}
