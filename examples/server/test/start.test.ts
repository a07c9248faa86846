import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ended, Run } from './reference-server.ts'
import { run } from './reference-server.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'data')
}

function start(environment: Readonly<Record<string, string>>): Run {
  const server = run(environment)
  onTestFinished(async () => void (await server.stop('SIGKILL')))
  return server
}

async function refused(environment: Readonly<Record<string, string>>): Promise<Ended> {
  const server = start({ COUNTERSIGN_DATA: await aFolder(), ...environment })
  const [ended] = await Promise.all([server.ended, expect(server.ready).rejects.toThrow()])
  return ended
}

const aRootKey = 'Vb1q1Zc2wW6mJ8o0kqvH7v0m1s3rXyTzQ5l4Ue9gKdA'

describe('root.key', () => {
  test('is made at the first start, for its owner alone, and found at the second', async () => {
    const folder = await aFolder()
    const first = start({ COUNTERSIGN_DATA: folder })
    await first.ready
    const made = await readFile(join(folder, 'root.key'), 'utf8')
    await first.stop()
    const second = start({ COUNTERSIGN_DATA: folder })
    await second.ready
    expect(made).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(await readFile(join(folder, 'root.key'), 'utf8')).toBe(made)
    expect((await stat(join(folder, 'root.key'))).mode & 0o777).toBe(0o600)
  })

  test('is made once by three first starts at the same time', async () => {
    const folder = await aFolder()
    const servers = [1, 2, 3].map(() => start({ COUNTERSIGN_DATA: folder }))
    await Promise.all(servers.map(({ ready }) => ready))
    expect(await readdir(folder)).toEqual(['root.key'])
  })

  test('is not made where the environment holds root keys', async () => {
    const folder = await aFolder()
    await start({ COUNTERSIGN_DATA: folder, COUNTERSIGN_ROOT_KEYS: aRootKey }).ready
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })
})

describe('The server refuses to start, in one sentence,', () => {
  test.each([
    ['INP-009 with memory in production', { NODE_ENV: 'production' }, 'NODE_ENV=production'],
    [
      'with a database and no root keys',
      { DATABASE_URL: 'postgres://db' },
      'COUNTERSIGN_ROOT_KEYS',
    ],
    [
      'with a database that does not answer',
      { DATABASE_URL: 'postgres://127.0.0.1:1/db', COUNTERSIGN_ROOT_KEYS: aRootKey },
      'DATABASE_URL',
    ],
    ['with a storage that is none', { COUNTERSIGN_STORAGE: 'disk' }, 'COUNTERSIGN_STORAGE'],
    ['with a port that is none', { PORT: '99999' }, 'PORT'],
    ['with a root key that is none', { COUNTERSIGN_ROOT_KEYS: 'secret' }, 'COUNTERSIGN_ROOT_KEYS'],
    [
      'with a URL that no token may name',
      { COUNTERSIGN_URL: 'http://a.example' },
      'COUNTERSIGN_URL',
    ],
    ['with a proxy that is no network', { COUNTERSIGN_TRUSTED_PROXIES: '10/8' }, 'TRUSTED_PROXIES'],
  ])('%s', async (_what, environment, named) => {
    const { code, stdout, stderr } = await refused(environment)
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
      code: 1,
      stdout: '',
      lines: 1,
    })
    expect(stderr).toContain(named)
  })

  test('with a port that somebody else holds', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { code, stderr } = await refused({ PORT: String((other.address() as AddressInfo).port) })
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([1, 1])
    expect(stderr).toContain('EADDRINUSE')
  })
})
