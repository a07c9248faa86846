import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './child.ts'
import type { PostgresMajor } from './servers.ts'

/** The folder with the manifest of the server binaries; they are installed by whoever needs one first. */
const SERVERS = fileURLToPath(new URL('../servers', import.meta.url))

/** Finds the programs of one major version: from npm, else from the system, else an error with a hint. */
export async function findPostgres(
  major: PostgresMajor,
  servers: string = SERVERS,
): Promise<string> {
  const npm = join(
    servers,
    `node_modules/postgres-${major}-${process.platform}-${process.arch}/native/bin`,
  )
  if (!existsSync(npm)) await install(servers).catch(() => undefined)
  const system = `/usr/lib/postgresql/${major}/bin`
  const found = [npm, system, ...(await onPath(major))].find((folder) =>
    existsSync(join(folder, 'postgres')),
  )
  if (found !== undefined) return found
  throw new Error(
    `There is no PostgreSQL ${major}: let pnpm install packages/testkit/servers, install postgresql-${major}, or set ` +
      `COUNTERSIGN_TEST_POSTGRES_${major}_URL`,
  )
}

function install(servers: string): Promise<string> {
  return run('pnpm', ['--dir', servers, 'install', '--frozen-lockfile', '--silent'])
}

async function onPath(major: PostgresMajor): Promise<readonly string[]> {
  const folders = (process.env['PATH'] ?? '').split(':')
  const candidates = folders.filter(
    (folder) => existsSync(folder) && readdirSync(folder).includes('postgres'),
  )
  const matching: string[] = []
  for (const folder of candidates) {
    const version = await run(join(folder, 'postgres'), ['--version']).catch(() => '')
    if (version.includes(` ${major}.`)) matching.push(folder)
  }
  return matching
}
