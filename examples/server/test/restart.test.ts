import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, freePort, serverUrl } from '@countersign/testkit'
import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Answer } from './clients.ts'
import { logIn, renew, revoke, whoami } from './clients.ts'
import type { Run } from './reference-server.ts'
import { run } from './reference-server.ts'

const aRootKey = 'Vb1q1Zc2wW6mJ8o0kqvH7v0m1s3rXyTzQ5l4Ue9gKdA'
const patience = 120_000
const postgres = await serverUrl(inject('servers'), 'postgres-18')

const servers: Run[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')))
})

function start(environment: Readonly<Record<string, string>>): Run {
  const server = run({ COUNTERSIGN_STORAGE: '', ...environment })
  servers.push(server)
  return server
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function tokenFrom(url: string, credential: Parameters<typeof logIn>[1]): Promise<string> {
  return ((await (await logIn(url, credential)).json()) as Answer).accessToken
}

/** What one run gave away, and what became of it, must be the same in the next one. */
async function expectToSurvive(
  environment: Readonly<Record<string, string>>,
  signal: NodeJS.Signals,
): Promise<void> {
  // Tokens name the server that issued them.
  const PORT = String(await freePort())
  const first = start({ ...environment, PORT })
  const before = await first.ready
  const kept = await tokenFrom(before.url, before)
  const ended = await tokenFrom(before.url, before)
  await revoke(before.url, ended)
  await first.stop(signal)
  const { url, identity } = await start({ ...environment, PORT }).ready
  expect(identity).toBe(before.identity)
  expect((await logIn(url, before)).status).toBe(200)
  expect((await whoami(url, kept)).status).toBe(200)
  expect((await renew(url, kept)).status).toBe(200)
  expect((await whoami(url, ended)).status).toBe(401)
}

describe('Without DATABASE_URL', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'identities, secrets, tokens and revocations survive a restart after %s',
    async (signal) => {
      await expectToSurvive({ COUNTERSIGN_DATA: await aFolder() }, signal)
    },
    patience,
  )

  test(
    'a second server on the same folder ends with one sentence, and the first one stays',
    async () => {
      const folder = await aFolder()
      const first = start({ COUNTERSIGN_DATA: folder })
      const ready = await first.ready
      const second = start({ COUNTERSIGN_DATA: folder })
      const [{ code, stdout, stderr }] = await Promise.all([
        second.ended,
        expect(second.ready).rejects.toThrow(),
      ])
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        `Another process uses these records: see ${join(folder, 'lock')}\n`,
      ])
      expect((await logIn(ready.url, ready)).status).toBe(200)
    },
    patience,
  )
})

describe.skipIf(postgres === undefined)('With DATABASE_URL', () => {
  test(
    'records stand in Postgres, and two servers share them',
    async () => {
      const database = await createDatabase(postgres ?? '')
      onTestFinished(() => database.drop())
      const environment = { DATABASE_URL: database.url, COUNTERSIGN_ROOT_KEYS: aRootKey }
      await expectToSurvive({ ...environment, COUNTERSIGN_DATA: await aFolder() }, 'SIGTERM')
      const ports = [await freePort(), await freePort()]
      const urls = ports.map((port) => `http://127.0.0.1:${port}`)
      const shared = { ...environment, COUNTERSIGN_URL: urls[0] ?? '' }
      const both = ports.map((port) => start({ ...shared, PORT: String(port) }))
      const [ready] = await Promise.all(both.map((server) => server.ready))
      const token = await tokenFrom(urls[0] ?? '', ready ?? { clientId: '', clientSecret: '' })
      expect((await whoami(urls[1] ?? '', token)).status).toBe(200)
    },
    patience,
  )
})
