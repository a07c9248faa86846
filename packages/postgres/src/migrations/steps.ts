import { fingerprintOf, inSchema, quote } from '../statement.ts'
import { migrations } from './index.ts'
import type { Migration } from './migration.ts'
import { callable, privileges } from './privileges.ts'

/** Waits until nobody else migrates this schema. */
export const lockOf = (schema: string): string =>
  `SELECT pg_advisory_xact_lock(hashtextextended(${literal(`${schema}/migrations`)}, 0))`

/** What every schema of ours begins with. */
export const foundation = (schema: string): readonly string[] => [
  `CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`,
  inSchema(
    schema,
    `CREATE TABLE IF NOT EXISTS @migrations (
      version integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      breaking boolean NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`,
  ),
]

/** The statements of one migration, the last of which notes that it ran. */
export function stepsOf(migration: Migration, schema: string): readonly string[] {
  const { version, name, breaking } = migration
  const row = `${version}, ${literal(name)}, ${literal(checksumOf(migration))}, ${breaking}`
  return [
    ...migration.statements,
    `INSERT INTO @migrations (version, name, checksum, breaking) VALUES (${row})`,
  ].map((text) => inSchema(schema, text))
}

/** What is stored with a migration that ran, to be compared with the one that this package holds. */
export function checksumOf({ statements }: Migration): string {
  return fingerprintOf(statements.join(';'))
}

/** Lets a role run the engine: no tables of its own, and no change to an event that is sealed. */
export function grantsOf(schema: string, runtime: string): readonly string[] {
  return [
    `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(runtime)}`,
    ...Object.entries(privileges).map(([table, granted]) =>
      inSchema(schema, `GRANT ${granted.join(', ')} ON @${table} TO ${quote(runtime)}`),
    ),
    ...callable.map((name) =>
      inSchema(schema, `GRANT EXECUTE ON FUNCTION @${name} TO ${quote(runtime)}`),
    ),
  ]
}

/** The migrations behind a version. */
export function migrationsAfter(version: number): readonly Migration[] {
  return migrations.filter((migration) => migration.version > version)
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
