import type { Storage } from '@countersign/core'
import { memoryStorage } from '@countersign/core'
import type { PostgresPool } from '@countersign/postgres'
import { checkSchema, migrate, postgresIdempotency, postgresStorage } from '@countersign/postgres'
import type { Config } from './config.ts'
import { openEmbedded } from './embedded.ts'
import { StartError } from './start-error.ts'

/** Where records live, and how to begin and end with it. */
export interface Records {
  readonly storage: Storage
  /** Where creating requests are kept; in memory where absent. */
  readonly idempotency?: ReturnType<typeof postgresIdempotency>
  open(): Promise<void>
  close(): Promise<void>
}

/** Chooses where records live. Nobody gets memory, or a database for a first run, who asked for something that lasts. */
export async function chooseRecords(config: Config): Promise<Records> {
  if (config.databaseUrl !== undefined) return onServer(config.databaseUrl)
  if (config.production)
    throw new StartError(
      'NODE_ENV=production needs DATABASE_URL: without it records live in a database for a first run',
    )
  return config.inMemory ? inMemory() : embedded(config.dataFolder)
}

function inMemory(): Records {
  return { storage: memoryStorage(), open: async () => undefined, close: async () => undefined }
}

async function onServer(connectionString: string): Promise<Records> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString })
  return {
    storage: postgresStorage({ pool }),
    idempotency: postgresIdempotency({ pool }),
    open: () => prepare(pool, 'DATABASE_URL cannot be used'),
    close: () => pool.end(),
  }
}

/** Requests that come before it is open wait for their connection, as they would for a database that is slow. */
function embedded(folder: string): Records {
  let opened: (pool: PostgresPool) => void = () => undefined
  const opening = new Promise<PostgresPool>((resolve) => {
    opened = resolve
  })
  const pool = { prepares: false, connect: async () => (await opening).connect() } as const
  let close = async (): Promise<void> => undefined
  return {
    storage: postgresStorage({ pool, timeout: PATIENCE }),
    idempotency: postgresIdempotency({ pool, timeout: PATIENCE }),
    async open() {
      const database = await openEmbedded(folder)
      close = database.close
      await prepare(database.pool, `The records in ${folder} cannot be used`)
      opened(database.pool)
    },
    close: () => close(),
  }
}

/** One connection serves all requests, one after the other. */
const PATIENCE = 10

/** A role that may make no tables does where they are made already. */
async function prepare(pool: PostgresPool, sentence: string): Promise<void> {
  try {
    await checkSchema(pool).catch(() => migrate(pool))
  } catch (error) {
    throw new StartError(`${sentence}: ${error instanceof Error ? error.message : error}`)
  }
}
