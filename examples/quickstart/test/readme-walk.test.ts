import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../server/test/reference-server.ts'

// Walks through the README as its reader does: its files in an empty folder, then its commands, one by one.

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const LONG = 120_000

let folder: string
let server: ChildProcess
let port: number
let commands: readonly string[]
let credential: { readonly clientId: string; readonly clientSecret: string }

beforeAll(async () => {
  port = await freePort()
  const page = (await readFile(pathOf('../../../README.md'), 'utf8')).replaceAll('3000', `${port}`)
  folder = await mkdtemp(join(tmpdir(), 'readme-'))
  await symlink(pathOf('../node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [, name = '', code = ''] of page.matchAll(/^```ts (\S+)\n(.*?)^```$/gms))
    await writeFile(join(folder, name), code)
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
  commands = blocks.flatMap((block) => block.replaceAll('\\\n', '').trim().split('\n'))
  credential = await startServer()
}, LONG)

afterAll(async () => {
  const ended = once(server, 'close')
  server.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true })
})

/** Runs the two lines that make a key and start the server; the sources stand in for the packed packages. */
async function startServer(): Promise<typeof credential> {
  const from = commands.findIndex((line) => line.startsWith('export COUNTERSIGN_ROOT_KEY'))
  const [key = '', start = ''] = commands.slice(from, from + 2)
  expect(start).toBe('npx tsx main.ts')
  const tsx = pathToFileURL(pathOf('../../../node_modules/tsx/dist/loader.mjs')).href
  const node = `exec node --conditions=@countersign/source --import ${tsx} main.ts`
  const child = spawn('bash', ['-euc', `${key}\n${node}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  server = child
  let said = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /clientId: '(\S+)',\s+clientSecret: '(\S+)'\s+\}/.exec(said)
        if (found !== null) resolve({ clientId: found[1] ?? '', clientSecret: found[2] ?? '' })
      })
    child.once('close', () => reject(new Error(`The server ended and said: ${said}`)))
  })
}

/** The one command with this in it, with what stands for a reader's own values filled in, in order. */
function command(part: string, values: readonly string[]): string {
  const [line = '', ...more] = commands.filter((each) => each.includes(part))
  expect(more, part).toEqual([])
  const left = [...values]
  const filled = line.replaceAll('…', () => left.shift() ?? 'missing')
  expect(left, line).toEqual([])
  return filled
}

async function curl(line: string): Promise<{ readonly status: number; readonly body: unknown }> {
  expect(line).toMatch(/^curl /)
  const quiet = `${line} --silent --retry 20 --retry-connrefused --retry-delay 1 --write-out '\n%{http_code}'`
  const { stdout } = await promisify(execFile)('bash', ['-euc', quiet], { timeout: 60_000 })
  const [body = '', status = ''] = stdout.split(/\n(?=\d+$)/)
  return { status: Number(status), body: JSON.parse(body) }
}

const LOGIN = '/api/v1/auth/universal-auth/login'

async function logIn(): Promise<string> {
  const { clientId, clientSecret } = credential
  const { status, body } = await curl(command(LOGIN, [clientId, clientSecret]))
  expect(status).toBe(200)
  expect(body).toEqual({
    accessToken: expect.any(String),
    expiresIn: 7200,
    accessTokenMaxTTL: 7200,
    tokenType: 'Bearer',
  })
  return (body as { accessToken: string }).accessToken
}

describe('the README', { timeout: LONG }, () => {
  test('logs in, reads a secret and approves an invoice, as it says', async () => {
    const token = await logIn()
    expect(await curl(command('/secrets/prod/', [token]))).toMatchObject({
      status: 200,
      body: { organization: expect.stringMatching(/^org_/), value: 'not a secret, but a demo' },
    })
    expect(await curl(command('/approve', [token]))).toMatchObject({
      status: 200,
      body: { invoice: 'inv-7', approvedBy: 'nightly-deploy' },
    })
  })

  test('is right about a request without the token, and about another environment', async () => {
    const line = command('/secrets/prod/', [await logIn()])
    expect(await curl(line.replace(/ --header.*/, ''))).toMatchObject({ status: 401 })
    expect(await curl(line.replace('/prod/', '/dev/'))).toMatchObject({
      status: 403,
      body: { details: { permission: 'secret:read' } },
    })
  })

  test('manages over the wire, for an administrator alone', async () => {
    expect(await curl(command('/api/v1/identities', [await logIn()]))).toMatchObject({
      status: 403,
      body: { details: { permission: 'identity:create' } },
    })
    const reference = run({ COUNTERSIGN_DATA: join(folder, 'reference') })
    try {
      const { url, clientId, clientSecret } = await reference.ready
      const here = `http://127.0.0.1:${port}`
      const login = await curl(command(LOGIN, [clientId, clientSecret]).replace(here, url))
      const { accessToken } = login.body as { accessToken: string }
      const line = command('/api/v1/identities', [accessToken]).replace(here, url)
      expect(await curl(line)).toMatchObject({
        status: 200,
        body: { identity: { name: 'backup' } },
      })
    } finally {
      await reference.stop()
    }
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as { port: number }
  probe.close()
  return free
}
