import { fileURLToPath } from 'node:url'
import type { PostgresConnection, PostgresPool } from '@countersign/postgres'
import { migrate } from '@countersign/postgres'
import pg from 'pg'
import { startPostgres } from '../../../packages/testkit/src/postgres.ts'

/** The folder of the binaries, seen from the bundle. */
const SERVERS = fileURLToPath(new URL('../../packages/testkit/servers', import.meta.url))

/** A Postgres that waits for its disk, with our schema in it. */
export interface BenchPostgres {
  readonly url: string
  /** As many connections as calls are in flight. */
  readonly pool: pg.Pool
  /** Lets go of connections before the server stops. */
  readonly atEnd: (close: () => Promise<unknown>) => void
}

/** Starts a Postgres that lives as long as this group does. */
export async function openPostgres(connections: number): Promise<BenchPostgres> {
  const server = await startPostgres(18, { durable: true, servers: SERVERS })
  const pool = openPool(server.url, connections)
  const closing: (() => Promise<unknown>)[] = [() => pool.end()]
  process.once('disconnect', async () => {
    await Promise.all(closing.map((close) => close()))
    await server.stop()
  })
  await assertDurable(pool)
  await migrate(pool)
  return { url: server.url, pool, atEnd: (close) => void closing.push(close) }
}

/** Opens a pool whose connections may be cut off while they say goodbye. */
export function openPool(url: string, connections: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: connections })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

async function assertDurable(pool: pg.Pool): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await pool.query(`SHOW ${setting}`)
    if (rows[0][setting] !== 'on') throw new Error(`${setting} is not on`)
  }
}

/** What went over a pool, counted at the driver. */
export interface Traffic {
  statements: number
  /** Statements and borrowed transactions that wrote: each waits for the disk once. */
  commits: number
}

/** The pool itself, counting. */
export function counting(pool: pg.Pool, traffic: Traffic): PostgresPool {
  return {
    async connect() {
      const connection: PostgresConnection = await pool.connect()
      let isOpen = false
      return {
        query(query) {
          traffic.statements += 1
          if (/^BEGIN/.test(query.text)) isOpen = true
          if (isOpen ? /^COMMIT/.test(query.text) : WRITES.test(query.text)) traffic.commits += 1
          if (/^(COMMIT|ROLLBACK)$/.test(query.text)) isOpen = false
          return connection.query(query)
        },
        release: (error) => connection.release(error),
      }
    },
  }
}

const WRITES = /\b(INSERT|UPDATE|DELETE)\b/

/** Transactions that wrote so far, as the server counts them: whoever only reads gets no number. */
export async function writtenTransactions(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next')
  return Number(rows[0].next)
}
