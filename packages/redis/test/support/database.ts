import { migrate } from '@countersign/postgres'
import type { TestDatabase } from '@countersign/testkit'
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
export async function openDatabase(): Promise<Database | undefined> {
  const server = await serverUrl(inject('servers'), 'postgres-18')
  if (server === undefined) return undefined
  const { url, drop } = await createDatabase(server)
  const pool = new pg.Pool({ connectionString: url, max: 12 })
  // The database may go while a connection is still on its way out.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', () => undefined)
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

async function emptySchema(execute: (text: string) => Promise<unknown>): Promise<void> {
  const tables = ['organizations', 'counters', 'known_sources', 'use_counts', 'revocations', 'once']
  const streams = ['outbox', 'events', 'event_identities', 'chains', 'sink_places', 'signing_keys']
  const names = [...tables, ...streams].map((table) => `countersign.${table}`)
  const texts = names.map((name) => `DELETE FROM ${name};`)
  await execute(
    `${texts.join('\n')}
     UPDATE countersign.deployment SET epoch = 0, key_revision = 0;
     UPDATE countersign.stream SET position = 0, sealed_at = NULL`,
  )
}
