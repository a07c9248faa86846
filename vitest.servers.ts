import type { TestProject } from 'vitest/node'
import { startPostgres } from './packages/testkit/src/postgres.ts'
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
  })
  project.provide('servers', desk.url)
  return () => desk.close()
}
