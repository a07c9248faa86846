/** One statement of this package: what it is called, and SQL in which `@name` stands for our table of that name. */
export interface Statement {
  readonly text: string
  /** A statement that is put together anew for each call is not worth preparing. */
  readonly once?: true
}

/** What a statement is given. Instants go as milliseconds since 1970, records as JSON. */
export type Value =
  | string
  | number
  | boolean
  | undefined
  | readonly string[]
  | readonly number[]
  | readonly boolean[]

/** Names a statement whose text never changes. */
export function statement(text: string): Statement {
  return { text: text.trim() }
}

/** A statement in one schema, ready for a client. */
export interface Prepared {
  readonly name: string
  readonly text: string
}

/** Puts statements into a schema, each one once. */
export function createPreparation(schema: string): (statement: Statement) => Prepared {
  const known = new Map<Statement, Prepared>()
  return (given) => {
    const found = known.get(given)
    if (found !== undefined) return found
    const text = inSchema(schema, given.text)
    const prepared = { name: `countersign_${fingerprintOf(text)}`, text }
    if (given.once !== true) known.set(given, prepared)
    return prepared
  }
}

/** Replaces `@name` by the table of that name in a schema. */
export function inSchema(schema: string, text: string): string {
  return text.replace(/@([a-z_]+)/g, (_, table: string) => `${quote(schema)}.${table}`)
}

/** Writes an identifier so that it is one, whatever it contains. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Refuses what cannot be the name of a schema of ours. */
export function assertSchemaName(schema: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(schema) || schema.startsWith('pg_'))
    throw new TypeError(
      'The schema must be 1 to 63 characters out of A-Z a-z 0-9 _ $, no digit first, without the prefix pg_',
    )
}

/** Tells texts apart by 64 bits of FNV-1a, which guards against chance alone. */
export function fingerprintOf(text: string): string {
  const half = (seed: number): string => {
    let hash = seed
    for (let at = 0; at < text.length; at += 1)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (hash >>> 0).toString(16).padStart(8, '0')
  }
  return half(0x811c9dc5) + half(0x050c5d1f)
}
