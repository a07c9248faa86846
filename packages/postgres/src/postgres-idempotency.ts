import type { IdempotencyStore, KeptRequest, MadeAnswer } from '@countersign/core/plugin'
import { DEFAULT_SCHEMA } from './migrations/check-schema.ts'
import { openDb } from './open-db.ts'
import type { PostgresStorageOptions } from './postgres-storage.ts'
import { assertSchemaName } from './statement.ts'
import { beginRepeat, finishRepeat, forgetRepeat, readRepeat } from './statements/repeats.ts'

/** The pool of the storage, and how it is used. */
export type PostgresIdempotencyOptions = PostgresStorageOptions

/**
 * Keeps creating requests for all nodes of a deployment, in the schema of its storage, which forgets them in its sweep:
 * `createHandler(countersign, { idempotency: postgresIdempotency({ pool }) })`.
 */
export function postgresIdempotency(options: PostgresIdempotencyOptions): IdempotencyStore {
  const { pool, schema = DEFAULT_SCHEMA, prepare = true } = options
  assertSchemaName(schema)
  const { db } = openDb(pool, { ...options, schema, prepare })

  return {
    async begin(name, { fingerprint, until }, now) {
      for (;;) {
        const values = [name, fingerprint, until.getTime(), now.getTime()]
        const [begun] = await db.ask(beginRepeat, values)
        if (begun !== undefined) return undefined
        const [standing] = await db.ask(readRepeat, [name])
        // It may have come to nothing in between.
        if (standing !== undefined) return toKept(standing)
      }
    },
    async finish(name, { fingerprint, until, made }) {
      await db.ask(finishRepeat, [name, fingerprint, until.getTime(), JSON.stringify(made)])
    },
    async forget(name, fingerprint) {
      await db.ask(forgetRepeat, [name, fingerprint])
    },
  }
}

function toKept(text: string): KeptRequest {
  const { fingerprint, until, made } = JSON.parse(text) as StoredRequest
  return { fingerprint, until: new Date(until), ...(made !== null && { made }) }
}

interface StoredRequest {
  readonly fingerprint: string
  readonly until: number
  readonly made: MadeAnswer | null
}
