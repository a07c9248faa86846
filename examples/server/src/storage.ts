import type { Storage } from '@countersign/core'
import { memoryStorage } from '@countersign/core'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'

/** Chooses where records live. Nobody gets memory who asked for something that lasts. */
export function openStorage({ databaseUrl, production }: Config): Storage {
  if (databaseUrl !== undefined)
    throw new StartError('DATABASE_URL is set, but this version has no Postgres storage yet')
  if (production)
    throw new StartError(
      'NODE_ENV=production refuses storage in memory: every record would be lost with the process',
    )
  return memoryStorage()
}
