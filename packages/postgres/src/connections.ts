import type { PostgresConnection, PostgresErrorSource, PostgresPool } from './client.ts'
import type { Deadline } from './deadline.ts'
import { onTime } from './deadline.ts'
import { leavesConnection } from './failure.ts'

/** Lends connections of a pool, on time or not at all. */
export interface Connections {
  /** Runs something on a connection of its own. */
  borrow<T>(signal: Deadline, run: (connection: PostgresConnection) => Promise<T>): Promise<T>
  /** Takes our listener off the pool, which is not ours to end. */
  close(): void
}

/** Watches a pool and lends its connections; more than `most` callers do not wait for one. */
export function createConnections(pool: PostgresPool, most: number): Connections {
  let waiting = 0
  // An idle connection that breaks is dropped by the pool; without a listener it would take the process down. One that
  // breaks at any other moment tells of it itself: between being lent and being held nobody else listens.
  const ignore = (): void => undefined
  pool.on?.('error', ignore)
  pool.on?.('connect', listenTo)

  async function connect(signal: Deadline): Promise<PostgresConnection> {
    if (waiting >= most) throw new Error('Too many calls wait for a connection to Postgres')
    waiting += 1
    const connecting = pool.connect()
    try {
      return await onTime(connecting, signal)
    } catch (error) {
      connecting.then(
        (late) => late.release(),
        () => undefined,
      )
      throw error
    } finally {
      waiting -= 1
    }
  }

  return {
    async borrow(signal, run) {
      const connection = await connect(signal)
      // One that the pool had opened before it was ours to watch.
      listenTo(connection)
      const giveBack = (error?: unknown): void =>
        // What Postgres itself refused leaves the connection as good as it was.
        connection.release(error !== undefined && !leavesConnection(error))
      try {
        const value = await run(connection)
        giveBack()
        return value
      } catch (error) {
        giveBack(error ?? new Error('Nothing was thrown'))
        throw error
      }
    },
    close() {
      pool.removeListener?.('error', ignore)
      pool.removeListener?.('connect', listenTo)
    },
  }
}

/** Connections that we listen to: once each, however many storages stand on their pool. */
const heard = new WeakSet<PostgresErrorSource>()

function listenTo(connection: PostgresErrorSource): void {
  if (heard.has(connection)) return
  heard.add(connection)
  connection.on?.('error', () => undefined)
}
