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

/** How one test's own server is started. */
export interface RedisServerOptions {
  /** The port of a server that was stopped, to start it again where clients look for it. */
  readonly port?: number
  /** Settings beside the usual ones. */
  readonly args?: readonly string[]
  /** The folder that it keeps its data in. */
  readonly cwd?: string
}

/** Starts a Valkey or a Redis that keeps nothing on disk, or answers the one that the environment names. */
export async function startRedis(): Promise<Server> {
  const given = process.env['COUNTERSIGN_TEST_REDIS_URL']
  if (given) return { url: given, stop: async () => undefined }
  return startOwnRedis()
}

/** Starts a server that belongs to one test, which may do anything to it. */
export async function startOwnRedis(options: RedisServerOptions = {}): Promise<Server> {
  const program = onPath() ?? (await unpackDebian('redis', PACKAGES, PROGRAM))
  return startProgram(program, options)
}

/** Starts a Valkey, out of Debian's backports where there is none on the system. */
export async function startValkey(): Promise<Server> {
  const given = process.env['COUNTERSIGN_TEST_VALKEY_URL']
  if (given) return { url: given, stop: async () => undefined }
  const program = onPath(['valkey-server']) ?? (await unpackValkey())
  return startProgram(program, {})
}

function unpackValkey(): Promise<UnpackedProgram> {
  const packages = ['valkey-server', 'valkey-tools', 'libjemalloc2', 'liblzf1', 'libatomic1']
  return unpackDebian('valkey', packages, 'usr/bin/valkey-server', 'backports')
}

async function startProgram(
  { command, env }: UnpackedProgram,
  { port, args = [], cwd }: RedisServerOptions,
): Promise<Server> {
  const chosen = port ?? (await freePort())
  const network = ['--port', String(chosen), '--bind', '127.0.0.1']
  const child = await startChild({
    command,
    args: [...network, '--save', '', '--appendonly', 'no', ...args],
    ready: /Ready to accept connections/,
    env,
    ...(cwd !== undefined && { cwd }),
  })
  return { url: `redis://127.0.0.1:${chosen}`, stop: () => stopChild(child, 'SIGTERM') }
}

const PROGRAM = 'usr/bin/redis-server'

function onPath(names = ['valkey-server', 'redis-server']): UnpackedProgram | undefined {
  const folders = (process.env['PATH'] ?? '').split(':')
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path))
  return found === undefined ? undefined : { command: found, env: {} }
}
