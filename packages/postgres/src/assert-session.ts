import type { PostgresConnection, PostgresPool } from './client.ts'
import { onTime } from './deadline.ts'
import { sqlStateOf } from './failure.ts'

/**
 * Throws where the pool does not lead to Postgres but to a pooler that gives every transaction another connection: what one
 * has prepared, the other one does not know.
 *
 * Two connections execute the same prepared statement in turn, the second one while it holds a transaction open; only where
 * each has a session of its own does each find what it prepared.
 */
export async function assertSessions(pool: PostgresPool, timeout: number): Promise<void> {
  const signal = AbortSignal.timeout(timeout * 1000)
  const first = await borrow(pool, signal)
  try {
    const second = await borrow(pool, signal).catch(() => undefined)
    if (second === undefined) return
    try {
      await probe(first, second, signal)
    } finally {
      second.release(true)
    }
  } finally {
    first.release(true)
  }
}

const POOLED =
  'A pooler gives each transaction another connection, so statements cannot be prepared: pass `prepare: false`'

/** SQLSTATE of a prepared statement that is there already, and of one that is not. */
const MISPLACED: ReadonlySet<string> = new Set(['42P05', '26000'])

async function probe(
  first: PostgresConnection,
  second: PostgresConnection,
  signal: AbortSignal,
): Promise<void> {
  const ask = (on: PostgresConnection, text: string, name?: string): Promise<unknown> =>
    onTime(on.query({ ...(name !== undefined && { name }), text, values: [] }), signal)
  const execute = (on: PostgresConnection): Promise<unknown> =>
    ask(on, 'SELECT true AS answer', 'countersign_probe')
  try {
    await execute(first)
    await ask(second, 'BEGIN')
    await execute(second)
    await execute(first)
    await ask(second, 'COMMIT')
  } catch (error) {
    if (MISPLACED.has(sqlStateOf(error) ?? '')) throw new Error(POOLED)
    throw error
  }
}

async function borrow(pool: PostgresPool, signal: AbortSignal): Promise<PostgresConnection> {
  const connecting = pool.connect()
  connecting.then(
    (late) => signal.aborted && late.release(),
    () => undefined,
  )
  const connection = await onTime(connecting, signal)
  // It is not used again, and may say why it ends: without a listener that would take the process down.
  connection.on?.('error', () => undefined)
  return connection
}
