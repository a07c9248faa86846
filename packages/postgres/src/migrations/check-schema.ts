import type { PostgresPool } from '../client.ts'
import type { Db } from '../db.ts'
import { readAll } from '../db.ts'
import { openDb } from '../open-db.ts'
import type { Statement } from '../statement.ts'
import { assertSchemaName, quote, statement } from '../statement.ts'
import { migrations } from './index.ts'
import type { Migration } from './migration.ts'
import { callable, privileges } from './privileges.ts'
import { checksumOf } from './steps.ts'

/** Where the schema of a deployment stands. */
export interface SchemaOptions {
  /** `countersign` where absent. */
  readonly schema?: string
}

/** A migration that ran. */
export interface AppliedMigration extends Omit<Migration, 'statements'> {
  readonly checksum: string
}

/** The schema that is used where none is named. */
export const DEFAULT_SCHEMA = 'countersign'

/** Checks that the schema is there, is one that this package can work with, and may be used by this role. */
export async function checkSchema(pool: PostgresPool, options: SchemaOptions = {}): Promise<void> {
  const { schema = DEFAULT_SCHEMA } = options
  assertSchemaName(schema)
  const { db, close } = openDb(pool, { schema, prepare: false })
  try {
    await assertSchema(db, schema)
  } finally {
    close()
  }
}

/** Throws where `db` cannot be worked with, and says what to do about it. */
export async function assertSchema(db: Db, schema: string): Promise<void> {
  const problem = findProblem(await appliedMigrations(db, schema))
  if (problem !== undefined) throw new Error(problem)
  const tables = Object.entries(privileges).flatMap(([table, granted]) => granted.map(() => table))
  const granted = Object.values(privileges).flat()
  const [lacking] = await db.ask(FIND_LACKING, [quote(schema), tables, granted, callable])
  if (lacking !== undefined) throw new Error(`The role of this connection lacks ${lacking}`)
}

/** The migrations that ran, or undefined where there is no schema. */
export async function appliedMigrations(
  db: Db,
  schema: string,
): Promise<readonly AppliedMigration[] | undefined> {
  const [table] = await db.ask(FIND_TABLE, [`${quote(schema)}.migrations`])
  if (table === undefined) return undefined
  return readAll<AppliedMigration>(db, FIND_APPLIED, [])
}

/** Refuses a schema that other code made differently. A newer one is fine, as long as no step of it breaks this code. */
export function findForeign(applied: readonly AppliedMigration[]): string | undefined {
  const known = new Map(migrations.map((migration) => [migration.version, migration]))
  for (const { version, breaking, checksum } of applied) {
    const migration = known.get(version)
    if (migration === undefined && breaking) return NEWER
    if (migration !== undefined && checksumOf(migration) !== checksum) return CHANGED
  }
  return undefined
}

/** The migrations that this package holds and that did not run yet. */
export function missingAmong(applied: readonly AppliedMigration[]): readonly Migration[] {
  const ran = new Set(applied.map(({ version }) => version))
  return migrations.filter(({ version }) => !ran.has(version))
}

function findProblem(applied: readonly AppliedMigration[] | undefined): string | undefined {
  if (applied === undefined) return MISSING
  return findForeign(applied) ?? (missingAmong(applied).length > 0 ? OLDER : undefined)
}

const MISSING = 'The schema is missing: run `countersign-postgres migrate`'
const OLDER = 'The schema is older than this package: run `countersign-postgres migrate`'
const NEWER =
  'The schema is newer than this package can work with: install a newer @countersign/postgres'
const CHANGED = 'The schema was made by another text of a migration than this package holds'

const FIND_TABLE = once(`SELECT to_regclass($1)::text AS answer`)

const FIND_APPLIED = once(`
  SELECT json_build_object(
    'version', version, 'name', name, 'checksum', checksum, 'breaking', breaking
  )::text AS answer FROM @migrations ORDER BY version`)

const FIND_LACKING = once(`
  SELECT p.privilege || ' on ' || p.relation AS answer
  FROM unnest($2::text[], $3::text[]) AS p (relation, privilege)
  WHERE NOT has_table_privilege($1 || '.' || p.relation, p.privilege)
  UNION ALL
  SELECT 'EXECUTE on ' || f.signature FROM unnest($4::text[]) AS f (signature)
  WHERE NOT has_function_privilege($1 || '.' || f.signature, 'EXECUTE') LIMIT 1`)

function once(text: string): Statement {
  return { ...statement(text), once: true }
}
