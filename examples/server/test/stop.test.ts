import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fakeAuthority } from '@countersign/testing/fakes'
import { describe, expect, onTestFinished, test } from 'vitest'
import { logIn, whoami } from './clients.ts'
import type { Ready, Run } from './reference-server.ts'
import { run } from './reference-server.ts'

async function started(
  prepare: (folder: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Run & { readonly at: Ready }> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'))
  const server = run({ COUNTERSIGN_DATA: folder, ...(await prepare(folder)) })
  onTestFinished(async () => {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true })
  })
  return { ...server, at: await server.ready }
}

/** A login whose body has not arrived whole: the server is in the middle of it. */
async function halfALogin({ url, clientId, clientSecret }: Ready) {
  const body = JSON.stringify({ clientId, clientSecret })
  const agent = new Agent({ keepAlive: true })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    expect: '100-continue',
  }
  const login = request(`${url}/api/v1/auth/universal-auth/login`, {
    method: 'POST',
    headers,
    agent,
  })
  login.flushHeaders()
  await once(login, 'continue')
  login.write(body.slice(0, 10))
  return { login, rest: body.slice(10) }
}

/** A connection that was answered and stays open, as clients and load balancers keep them. */
async function keptAlive({ url }: Ready): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  return socket.resume()
}

describe('SIGTERM', () => {
  test('lets the request in flight finish, refuses new ones, and ends with 0', async () => {
    const server = await started()
    const { login, rest } = await halfALogin(server.at)
    const idle = await keptAlive(server.at)
    const ended = server.stop()
    await once(idle, 'close')
    await expect(fetch(`${server.at.url}/healthz`)).rejects.toThrow()
    login.end(rest)
    const [answer] = await once(login, 'response')
    expect(answer.statusCode).toBe(200)
    expect(JSON.parse(await text(answer))).toMatchObject({ expiresIn: 7200 })
    expect((await ended).code).toBe(0)
  })

  test('ends with 0 though a request never finishes, and cuts that one off', async () => {
    const server = await started()
    const { login } = await halfALogin(server.at)
    const cut = once(login, 'error')
    expect((await server.stop()).code).toBe(0)
    await cut
  })

  test('ends with 0 though somebody has not begun to speak TLS, and cuts that one off', async () => {
    const server = await started(async (folder) => {
      const { cert, key } = fakeAuthority().issue(['127.0.0.1'])
      const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
      await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)])
      return { COUNTERSIGN_TLS_CERT: files.cert, COUNTERSIGN_TLS_KEY: files.key }
    })
    const silent = connect(Number(new URL(server.at.url).port), '127.0.0.1')
    await once(silent, 'connect')
    const closed = once(silent.resume(), 'close')
    expect((await server.stop()).code).toBe(0)
    await closed
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle server with 0', async (signal) => {
    const server = await started()
    await logIn(server.at.url, server.at)
    expect((await server.stop(signal)).code).toBe(0)
  })
})

describe('Standard error', () => {
  test('holds every event of a run as a line of JSON, and no secret', async () => {
    const server = await started()
    const { url, clientSecret } = server.at
    const { accessToken } = (await (await logIn(url, server.at)).json()) as { accessToken: string }
    await logIn(url, { ...server.at, clientSecret: 'a-wrong-secret' })
    await whoami(url, `${accessToken}x`)
    const { stderr } = await server.stop()
    const types = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type)
    expect(types).toEqual(
      expect.arrayContaining([
        'identity.created',
        'client_secret.created',
        'login.granted',
        'login.refused',
      ]),
    )
    for (const secret of [clientSecret, accessToken, 'a-wrong-secret'])
      expect(stderr).not.toContain(secret)
  })
})
