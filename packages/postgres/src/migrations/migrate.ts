import type { PostgresPool } from '../client.ts'
import type { Db } from '../db.ts'
import { openDb } from '../open-db.ts'
import { assertSchemaName } from '../statement.ts'
import type { SchemaOptions } from './check-schema.ts'
import { appliedMigrations, DEFAULT_SCHEMA, findForeign, missingAmong } from './check-schema.ts'
import { foundation, grantsOf, lockOf, migrationsAfter, stepsOf } from './steps.ts'

/** How a schema is brought up to date. */
export interface MigrateOptions extends SchemaOptions {
  /** A role that may run the engine from then on, without owning anything. */
  readonly runtime?: string
}

/** What `migrate` found and did. */
export interface Migrated {
  /** The versions that ran now; none where nothing was left to do. */
  readonly applied: readonly number[]
}

/** Which part of the schema a database administrator gets. */
export interface MigrationSqlOptions extends MigrateOptions {
  /** The version that the schema has already; 0 where absent. */
  readonly after?: number
}

/** How long a migration may wait for another one, and then run. */
const PATIENCE = 600

/**
 * Brings the schema up to date: all missing migrations in one transaction, or none. However many processes start at once,
 * one of them migrates and the others find it done.
 */
export async function migrate(pool: PostgresPool, options: MigrateOptions = {}): Promise<Migrated> {
  const { schema = DEFAULT_SCHEMA, runtime } = options
  assertSchemaName(schema)
  const { db, close } = openDb(pool, { schema, prepare: false, timeout: PATIENCE })
  try {
    return await db.transact(async (tx) => {
      await run(tx, [lockOf(schema), ...foundation(schema)])
      const ran = (await appliedMigrations(tx, schema)) ?? []
      const foreign = findForeign(ran)
      if (foreign !== undefined) throw new Error(foreign)
      const missing = missingAmong(ran)
      for (const migration of missing) await run(tx, stepsOf(migration, schema))
      if (runtime !== undefined) await run(tx, grantsOf(schema, runtime))
      return { applied: missing.map(({ version }) => version) }
    })
  } finally {
    close()
  }
}

/** The same as text, for a database administrator to read and to run. */
export function migrationSql(options: MigrationSqlOptions = {}): string {
  const { schema = DEFAULT_SCHEMA, runtime, after = 0 } = options
  assertSchemaName(schema)
  const statements = [
    'BEGIN',
    lockOf(schema),
    ...foundation(schema),
    ...migrationsAfter(after).flatMap((migration) => stepsOf(migration, schema)),
    ...(runtime === undefined ? [] : grantsOf(schema, runtime)),
    'COMMIT',
  ]
  return statements.map((text) => `${text};\n`).join('')
}

async function run(db: Db, texts: readonly string[]): Promise<void> {
  for (const text of texts) await db.ask({ text, once: true }, [])
}
