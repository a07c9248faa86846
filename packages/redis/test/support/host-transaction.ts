import type { Pool } from 'pg'

/** Runs a transaction as a host does, on a client of its own pool. */
export async function hostTransaction<T>(
  pool: Pool,
  run: (transaction: unknown) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const value = await run(client)
    await client.query('COMMIT')
    return value
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
