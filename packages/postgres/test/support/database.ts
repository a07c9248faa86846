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

/** Where a server of one major version listens; undefined where there is none. */
export function serverFor(major: PostgresMajor): Promise<string | undefined> {
  return serverUrl(inject('servers'), `postgres-${major}`)
}

/** Opens a database of one test file; undefined where there is no such server. */
export function openDatabase(major: PostgresMajor = 18): Promise<Database | undefined> {
  return openDatabaseOn(`postgres-${major}`)
}

/** The same, on any server that speaks as Postgres does. */
export async function openDatabaseOn(name: string): Promise<Database | undefined> {
  const server = await serverUrl(inject('servers'), name)
  if (server === undefined) return undefined
  const { url, drop } = await createDatabase(server)
  const pool = new pg.Pool({ connectionString: url, max: 12 })
  // The database may go while a connection is still on its way out.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  await migrate(pool)
  return {
    url,
    pool,
    empty: () => emptySchema((text) => pool.query(text)),
    async drop() {
      await pool.end()
      await drop()
    },
  }
}

/** Takes every row of the schema away. */
export async function emptySchema(execute: (text: string) => Promise<unknown>): Promise<void> {
  const tables = [
    'organizations',
    'counters',
    'known_sources',
    'use_counts',
    'revocations',
    'once',
    'repeats',
  ]
  const streams = ['outbox', 'events', 'chains', 'sink_places', 'signing_keys', 'changes']
  const names = [...tables, ...streams].map((table) => `countersign.${table}`)
  // Faster than TRUNCATE, where there are but a few rows.
  const texts = names.map((name) => `DELETE FROM ${name};`)
  await execute(
    `${texts.join('\n')}
     UPDATE countersign.deployment SET epoch = 0, key_revision = 0;
     UPDATE countersign.stream SET position = 0, sealed_at = NULL`,
  )
}
