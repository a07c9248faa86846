import { migrate } from '@countersign/postgres'
import type { PostgresMajor, TestDatabase } from '@countersign/testkit'
import { createDatabase, serverUrl } from '@countersign/testkit'
import pg from 'pg'
import { inject } from 'vitest'

/** A migrated database on a real server, and a pool to it. */
export interface Database extends TestDatabase {
  readonly pool: pg.Pool
  /** Takes every row away, as if the database were new. */
  empty(): Promise<void>
}

/** Opens a database of one test file; undefined where there is no such server. */
export async function openDatabase(major: PostgresMajor = 18): Promise<Database | undefined> {
  const server = await serverUrl(inject('servers'), `postgres-${major}`)
  if (server === undefined) return undefined
  const { url, drop } = await createDatabase(server)
  const pool = new pg.Pool({ connectionString: url, max: 12 })
  await migrate(pool)
  return {
    url,
    pool,
    empty: () => emptySchema(pool),
    async drop() {
      await pool.end()
      await drop()
    },
  }
}

/** Takes every row of the schema away. */
export async function emptySchema(pool: pg.Pool, schema = 'countersign'): Promise<void> {
  const tables = ['organizations', 'counters', 'known_sources', 'use_counts', 'revocations', 'once']
  const streams = ['signing_keys', 'outbox', 'events', 'event_identities', 'chains', 'sink_places']
  const names = [...tables, ...streams].map((table) => `${schema}.${table}`)
  await pool.query(
    `TRUNCATE ${names.join(', ')} RESTART IDENTITY CASCADE;
     UPDATE ${schema}.deployment SET epoch = 0, key_revision = 0;
     UPDATE ${schema}.stream SET position = 0, sealed_at = NULL`,
  )
}
