import type { TestProject } from 'vitest/node'
import { startPgbouncer } from './packages/testkit/src/pgbouncer.ts'
import { startPostgres } from './packages/testkit/src/postgres.ts'
import { startRedis, startValkey } from './packages/testkit/src/redis.ts'
import { openServerDesk } from './packages/testkit/src/servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests ask for the servers that they need. */
    servers: string
  }
}

/** Runs once per run: opens the desk that starts each server when the first test asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const desk = await openServerDesk({
    'postgres-14': () => startPostgres(14),
    'postgres-18': () => startPostgres(18),
    pgbouncer: async (start) => startPgbouncer((await start('postgres-18')).url),
    redis: () => startRedis(),
    valkey: () => startValkey(),
  })
  project.provide('servers', desk.url)
  return () => desk.close()
}
