export type {
  PostgresClient,
  PostgresConnection,
  PostgresPool,
  PostgresQuery,
} from './client.ts'
export type {
  PostgresListener,
  PostgresListeningPool,
  PostgresNotification,
} from './listening.ts'
export type { SchemaOptions } from './migrations/check-schema.ts'
export { checkSchema } from './migrations/check-schema.ts'
export type { Migrated, MigrateOptions, MigrationSqlOptions } from './migrations/migrate.ts'
export { migrate, migrationSql } from './migrations/migrate.ts'
export type { PgliteClient } from './pglite.ts'
export { fromPglite } from './pglite.ts'
export type { PostgresChannel, PostgresChannelOptions } from './postgres-channel.ts'
export { postgresChannel } from './postgres-channel.ts'
export type { PostgresIdempotencyOptions } from './postgres-idempotency.ts'
export { postgresIdempotency } from './postgres-idempotency.ts'
export type { PostgresStorage, PostgresStorageOptions } from './postgres-storage.ts'
export { postgresStorage } from './postgres-storage.ts'
export type { Restored, RestoredOptions } from './restore/restored.ts'
export { restored } from './restore/restored.ts'
export type { SqlCondition, ToSqlOptions } from './to-sql.ts'
export { toSql } from './to-sql.ts'
