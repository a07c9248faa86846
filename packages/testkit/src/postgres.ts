import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from './child.ts'
import { run, startChild, stopChild } from './child.ts'
import { freePort } from './free-port.ts'
import { findPostgres } from './postgres-binaries.ts'
import type { PostgresMajor } from './servers.ts'

/** Postgres does not run as root; then it runs as nobody. */
const NOBODY = 65_534

const FLAGS = ['max_connections=300', 'listen_addresses=127.0.0.1', 'unix_socket_directories=']

/** Durability costs time, and no test of one process pulls the plug. */
const FLEETING = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** What differs from the Postgres of a test. */
export interface PostgresServerOptions {
  /** Whether a commit waits for the disk, as Postgres does unless it is told otherwise. */
  readonly durable?: boolean
  /** The folder with the manifest of the binaries, for whoever is bundled and lies elsewhere. */
  readonly servers?: string
}

/** Starts a Postgres of one major version with an empty data folder. */
export async function startPostgres(
  major: PostgresMajor,
  { durable = false, servers }: PostgresServerOptions = {},
): Promise<Server> {
  const given =
    process.env[`COUNTERSIGN_TEST_POSTGRES_${major}_URL`] ??
    (major === 18 ? process.env['COUNTERSIGN_TEST_POSTGRES_URL'] : undefined)
  if (given !== undefined && given !== '') return { url: given, stop: async () => undefined }
  const bin = await findPostgres(major, servers)
  const isRoot = process.getuid?.() === 0
  const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  const data = mkdtempSync(join(tmpdir(), `countersign-postgres-${major}-`))
  if (isRoot) chownSync(data, NOBODY, NOBODY)
  const initdb = [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--locale=C',
    '--encoding=UTF8',
    '--no-sync',
  ]
  await run(join(bin, 'initdb'), initdb, { ...owner, cwd: data })
  const port = await freePort()
  const flags = [...FLAGS, ...(durable ? [] : FLEETING)].flatMap((flag) => ['-c', flag])
  const child = await startChild({
    command: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...flags],
    ready: /ready to accept connections/,
    cwd: data,
    ...owner,
  })
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      // SIGINT: end the connections that are left.
      await stopChild(child, 'SIGINT')
      rmSync(data, { recursive: true, force: true })
    },
  }
}
