import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresPool } from '@countersign/postgres'
import { fromPglite } from '@countersign/postgres'
import { lockFolder } from './folder-lock.ts'

/** The database of a first run: Postgres in this process, with its files in the data folder. */
export interface Embedded {
  readonly pool: PostgresPool
  close(): Promise<void>
}

/** Opens it, for one process at a time. The very first time takes a few seconds. */
export async function openEmbedded(folder: string): Promise<Embedded> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(folder)
  try {
    const { PGlite } = await import('@electric-sql/pglite')
    const pglite = await PGlite.create(join(folder, 'postgres'))
    return {
      pool: fromPglite(pglite),
      async close() {
        await pglite.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
