import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from './child.ts'
import { startChild, stopChild } from './child.ts'
import { unpackDebian } from './debian.ts'
import { freePort } from './free-port.ts'

const PACKAGES = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7']
const NOBODY = 65_534

/** Starts a PgBouncer in front of a Postgres, which gives each transaction another connection. */
export async function startPgbouncer(postgres: string): Promise<Server> {
  const { command, env } = await unpackDebian('pgbouncer', PACKAGES, 'usr/sbin/pgbouncer')
  const { hostname, port } = new URL(postgres)
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pgbouncer-'))
  const listen = await freePort()
  writeFileSync(join(folder, 'users.txt'), '"postgres" ""\n')
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=${hostname} port=${port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
`,
  )
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const child = await startChild({
    command,
    args: [join(folder, 'pgbouncer.ini')],
    ready: /process up/,
    env,
    cwd: folder,
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  })
  return {
    url: `postgres://postgres@127.0.0.1:${listen}/postgres`,
    async stop() {
      await stopChild(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
