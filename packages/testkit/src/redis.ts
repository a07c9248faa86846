import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from './child.ts'
import { startChild, stopChild } from './child.ts'
import type { UnpackedProgram } from './debian.ts'
import { unpackDebian } from './debian.ts'
import { freePort } from './free-port.ts'

const PACKAGES = [
  ...['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'],
  ...['liblua5.1-0', 'lua-cjson', 'lua-bitop'],
]

/** Starts a Valkey or a Redis that keeps nothing on disk. */
export async function startRedis(): Promise<Server> {
  const given = process.env['COUNTERSIGN_TEST_REDIS_URL']
  if (given) return { url: given, stop: async () => undefined }
  const { command, env } = onPath() ?? (await unpackDebian('redis', PACKAGES, PROGRAM))
  const port = await freePort()
  const network = ['--port', String(port), '--bind', '127.0.0.1']
  const child = await startChild({
    command,
    args: [...network, '--save', '', '--appendonly', 'no'],
    ready: /Ready to accept connections/,
    env,
  })
  return { url: `redis://127.0.0.1:${port}`, stop: () => stopChild(child, 'SIGTERM') }
}

const PROGRAM = 'usr/bin/redis-server'

function onPath(): UnpackedProgram | undefined {
  const folders = (process.env['PATH'] ?? '').split(':')
  const found = ['valkey-server', 'redis-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path))
  return found === undefined ? undefined : { command: found, env: {} }
}
