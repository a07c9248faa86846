import type { PostgresClient, PostgresConnection } from './client.ts'
import type { Connections } from './connections.ts'
import type { Answer, Db } from './db.ts'
import { isCrowdedOut, isForestalled, leavesConnection, MAX_RERUNS } from './failure.ts'
import type { SessionOptions } from './session.ts'
import { ask } from './session.ts'
import type { Statement, Value } from './statement.ts'
import { statement } from './statement.ts'

/** Statements of a pool, and transactions in which several of them are one. */
export interface PoolDb extends Db {
  /** Runs a function in one transaction; again, where others forestalled it. */
  transact<T>(run: (db: Db) => Promise<T>): Promise<T>
}

/** Makes the error of a call that kept being forestalled, out of the last reason. */
export type OnForestalled = (error: unknown) => Error

/** Creates the statements of a pool. */
export function createPoolDb(
  connections: Connections,
  options: SessionOptions,
  forestalled: OnForestalled,
): PoolDb {
  const { deadline } = options

  const askOnce = (asked: Asked): Promise<readonly Answer[]> => {
    const signal = deadline()
    return connections.borrow(signal, (client) => ask(client, options, asked, signal))
  }

  async function transactOnce<T>(run: (db: Db) => Promise<T>): Promise<T> {
    const outcome = await connections.borrow(deadline(), (client) =>
      runTransaction(client, options, run),
    )
    if (outcome.committed) return outcome.value
    throw outcome.error
  }

  const transact = <T>(run: (db: Db) => Promise<T>): Promise<T> =>
    rerunning(() => transactOnce(run), forestalled)

  return {
    // A statement by itself has read nothing before: where only the crowd keeps it out, nobody can tell what it would say.
    // It is run again in a transaction of ours, because sessions of the host's may be serializable: then it would be kept out
    // by everybody whom, in ours, it waits for.
    ask: (asked, values) =>
      rerunning(
        (count) =>
          count === 0
            ? askOnce({ statement: asked, values })
            : transactOnce((db) => db.ask(asked, values)),
        (error) => (isCrowdedOut(error) ? toError(error) : forestalled(error)),
      ),
    atomic: transact,
    transact,
  }
}

/** Creates the statements of one open transaction, which run one after the other. */
export function createTransactionDb(
  client: PostgresClient,
  options: SessionOptions,
): TransactionDb {
  let turn: Promise<unknown> = Promise.resolve()
  let failure: unknown

  const askNow = async (asked: Asked): Promise<readonly Answer[]> => {
    try {
      return await ask(client, options, asked, options.deadline())
    } catch (error) {
      failure ??= error
      throw error
    }
  }

  const db: TransactionDb = {
    ask(asked, values) {
      const asking = turn.then(() => askNow({ statement: asked, values }))
      turn = asking.catch(() => undefined)
      return asking
    },
    async atomic(run) {
      await db.ask(BEGIN_PART, [])
      try {
        const value = await run(db)
        await db.ask(END_PART, [])
        return value
      } catch (error) {
        if (failure === undefined) await db.ask(UNDO_PART, [])
        throw error
      }
    },
    failure: () => failure,
  }
  return db
}

/** Statements of one open transaction. */
export interface TransactionDb extends Db {
  /** What went wrong first: from then on nothing of the transaction can count. */
  failure(): unknown
}

interface Asked {
  readonly statement: Statement
  readonly values: readonly Value[]
}

const BEGIN: Statement = { ...statement('BEGIN ISOLATION LEVEL READ COMMITTED'), once: true }
const COMMIT: Statement = { ...statement('COMMIT'), once: true }
const ROLLBACK: Statement = { ...statement('ROLLBACK'), once: true }
const BEGIN_PART: Statement = { ...statement('SAVEPOINT countersign'), once: true }
const END_PART: Statement = { ...statement('RELEASE SAVEPOINT countersign'), once: true }
const UNDO_PART: Statement = { ...statement('ROLLBACK TO SAVEPOINT countersign'), once: true }

/** What became of a transaction on a connection that is still good. */
type Outcome<T> =
  | { readonly committed: true; readonly value: T }
  | { readonly committed: false; readonly error: unknown }

async function runTransaction<T>(
  client: PostgresConnection,
  options: SessionOptions,
  run: (db: Db) => Promise<T>,
): Promise<Outcome<T>> {
  const db = createTransactionDb(client, options)
  await db.ask(BEGIN, [])
  let value: T
  try {
    value = await run(db)
    // Postgres answers COMMIT of a transaction that failed with a ROLLBACK, and no error.
    if (db.failure() !== undefined) throw db.failure()
  } catch (error) {
    const failure = db.failure()
    // A connection that does not answer is dropped, and what it had open with it.
    if (failure !== undefined && !leavesConnection(failure)) throw failure
    await db.ask(ROLLBACK, [])
    return {
      committed: false,
      error: failure !== undefined && isForestalled(failure) ? failure : error,
    }
  }
  await db.ask(COMMIT, [])
  return { committed: true, value }
}

/** Whatever fails without a word of Postgres may have been done, and is never run again. */
async function rerunning<T>(
  run: (count: number) => Promise<T>,
  forestalled: OnForestalled,
): Promise<T> {
  let last: unknown
  for (let count = 0; count <= MAX_RERUNS; count += 1) {
    try {
      return await run(count)
    } catch (error) {
      if (!isForestalled(error)) throw error
      last = error
    }
  }
  throw forestalled(last)
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Others kept this statement from running')
}
