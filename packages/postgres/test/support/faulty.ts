import type { PostgresStorage, PostgresStorageOptions } from '@countersign/postgres'
import { postgresStorage } from '@countersign/postgres'
import type { FaultProxy } from '@countersign/testkit'
import { startFaultProxy } from '@countersign/testkit'
import pg from 'pg'

/** A storage that reaches its database through a proxy which breaks connections on demand. */
export interface Faulty {
  readonly storage: PostgresStorage
  readonly proxy: FaultProxy
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** Puts a proxy in front of a database. */
export async function createFaulty(
  url: string,
  options: Omit<PostgresStorageOptions, 'pool'> = {},
): Promise<Faulty> {
  const target = new URL(url)
  const proxy = await startFaultProxy({ host: target.hostname, port: Number(target.port) })
  target.port = String(proxy.port)
  const pool = new pg.Pool({
    connectionString: target.href,
    max: 4,
    application_name: 'faulty',
    connectionTimeoutMillis: 1_000,
  })
  const storage = postgresStorage({ pool, timeout: 1, ...options })
  return {
    storage,
    proxy,
    pool,
    async close() {
      await proxy.close()
      await pool.end()
      await storage.close()
    },
  }
}
