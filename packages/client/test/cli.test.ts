import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createHandler } from '@countersign/http'
import { anIdentity, testCountersign } from '@countersign/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { USAGE } from '../src/cli/index.ts'
import { aPlatform } from './support/platform.ts'

const BIN = fileURLToPath(new URL('../bin/countersign.mjs', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** A host on loopback: the real handler on the real engine, whose time is that of the process. */
async function aHost() {
  const countersign = testCountersign({}, { now: new Date() })
  const operator = await anIdentity(countersign, { name: 'operator', role: 'admin' })
  const worker = await anIdentity(countersign, { name: 'worker' })
  const handler = createHandler(countersign)
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = 'GET', url = '/' } = request
    const headers = new Headers(request.headers as Record<string, string>)
    const body = chunks.length === 0 ? undefined : Buffer.concat(chunks)
    const asked = new Request(`http://host${url}`, { method, headers, ...(body && { body }) })
    const dpop = headers.get('dpop')
    // Proofs are compared with what clients write, which is known once this listens.
    const publicUrl = `http://${headers.get('host')}`
    const proved = dpop === null ? {} : { request: { dpop, method, target: url, publicUrl } }
    const answer = await handler.handle(asked, { clientAddress: '127.0.0.1', ...proved })
    response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []))
    response.end(await answer?.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, server, engine: countersign, operator, worker }
}

const host = await aHost()
afterAll(() => {
  host.server.closeAllConnections()
  host.server.close()
})

interface Who {
  readonly clientId: string
  readonly clientSecret: string
}

const environmentOf = ({ clientId, clientSecret }: Who) => ({
  COUNTERSIGN_URL: host.url,
  COUNTERSIGN_CLIENT_ID: clientId,
  COUNTERSIGN_CLIENT_SECRET: clientSecret,
})

/** Runs the program itself, as a shell does. */
async function countersign(
  given: readonly string[],
  environment: Readonly<Record<string, string>> = environmentOf(host.worker),
  input = '',
) {
  const options = ['--conditions=@countersign/source', '--import', 'tsx', BIN, ...given]
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, options, { cwd: ROOT, env: { PATH, HOME, ...environment } })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, out, err }
}

describe('countersign', () => {
  test('login prints a token, alone, as JSON or as a line of an env file', async () => {
    const plain = await countersign(['login'])
    expect(plain).toMatchObject({ code: 0, err: '' })
    expect(plain.out).toMatch(/^ey[\w.-]+\n$/)
    const json = await countersign(['login', '--json'])
    expect(JSON.parse(json.out)).toEqual({
      accessToken: expect.stringMatching(/^ey/),
      expiresAt: expect.stringMatching(/Z$/),
    })
    const env = await countersign(['login', '--method', 'universal', '--format=env'])
    expect(env.out).toMatch(/^COUNTERSIGN_TOKEN=ey[\w.-]+\n$/)
  }, 60_000)

  test('takes the variables of other clients', async () => {
    const { clientId, clientSecret } = host.worker
    const { code, out } = await countersign(['login'], {
      INFISICAL_API_URL: `${host.url}/api`,
      INFISICAL_UNIVERSAL_AUTH_CLIENT_ID: clientId,
      INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET: clientSecret,
    })
    expect([code, out]).toEqual([0, expect.stringMatching(/^ey/)])
  }, 60_000)

  test('token inspects, renews and revokes what is piped in', async () => {
    const { out: token } = await countersign(['login'])
    const { COUNTERSIGN_URL } = environmentOf(host.worker)
    const piped = (verb: string) => countersign(['token', verb], { COUNTERSIGN_URL }, token)
    expect(JSON.parse((await piped('inspect')).out)).toMatchObject({ sub: host.worker.clientId })
    expect((await piped('renew')).out).toMatch(/^ey/)
    expect(await piped('revoke')).toMatchObject({ code: 0, err: 'The login has ended\n' })
    expect(await piped('renew')).toMatchObject({ code: 1, out: '' })
  }, 60_000)

  test('run hands a token to a program, with a file, ends as it ends, and leaves no file', async () => {
    const script = `
      const { readFileSync, statSync } = require('node:fs')
      const file = process.env.COUNTERSIGN_TOKEN_FILE
      const same = readFileSync(file, 'utf8') === process.env.COUNTERSIGN_TOKEN
      console.log(JSON.stringify({ file, same, mode: (statSync(file).mode & 0o777).toString(8) }))
      process.exit(7)`
    const { code, out } = await countersign(['run', '--', process.execPath, '-e', script])
    expect(code).toBe(7)
    const { file, same, mode } = JSON.parse(out)
    expect([same, mode]).toEqual([true, '600'])
    const { existsSync } = await import('node:fs')
    expect(existsSync(file)).toBe(false)
  }, 60_000)

  test('an operator makes an identity, mints for it, and sees what happened', async () => {
    const as = (...given: string[]) => countersign(given, environmentOf(host.operator))
    const created = await as('identities', 'create', 'nightly', '--role', 'member', '--json')
    const { identity } = JSON.parse(created.out)
    expect((await as('identities', 'list', '--plain')).out).toContain(`${identity.id}\tnightly`)
    expect((await as('identities', 'list')).out).toMatch(/^id +name +role/)
    expect((await as('roles', 'list', '--plain')).out).toContain('admin')
    expect((await as('keys')).out).toMatch(/^kid +alg/)
    // What happened is shown once it is sealed.
    await host.engine.maintain()
    expect((await as('audit', 'list', '--plain')).out).toContain('identity.created')
    expect((await as('identities', 'delete', identity.id)).code).toBe(0)
  }, 120_000)

  test('an operator mints and revokes a client secret', async () => {
    const as = (...given: string[]) => countersign(given, environmentOf(host.operator))
    const minted = await as('secrets', 'create', host.worker.clientId, '--ttl', '60', '--uses', '1')
    expect(minted.out).toMatch(/^cst_cs_\w+\n$/)
    const listed = JSON.parse((await as('secrets', 'list', host.worker.clientId, '--json')).out)
    const [newest] = listed.clientSecretData.filter(
      (row: Record<string, unknown>) => row['clientSecretNumUsesLimit'] === 1,
    )
    const revoked = await as('secrets', 'revoke', host.worker.clientId, newest.id)
    expect(revoked).toMatchObject({ code: 0 })
  }, 120_000)

  test('whoami and doctor tell what is right', async () => {
    expect((await countersign(['whoami'])).code).toBe(0)
    const { code, out } = await countersign(['doctor'])
    expect(code).toBe(0)
    expect(out.match(/ ok /g)).toHaveLength(5)
    const wrong = { ...environmentOf(host.worker), COUNTERSIGN_CLIENT_SECRET: 'cst_cs_wrong' }
    const failing = await countersign(['doctor', '--plain'], wrong)
    expect(failing.code).toBe(1)
    expect(failing.out).toMatch(/login\tFAILS/)
  }, 60_000)

  test('logs in by the token of a job, and says what a method wants', async () => {
    const grant = { accessToken: 'eyJ.a.b', expiresIn: 60, accessTokenMaxTTL: 60 }
    const platform = await aPlatform(() => ({ body: { ...grant, tokenType: 'Bearer' } }))
    const job = { COUNTERSIGN_URL: platform.url, COUNTERSIGN_IDENTITY: 'idn_1' }
    const given = { ...job, CIRCLE_OIDC_TOKEN_V2: 'eyJjob' }
    for (const method of ['auto', 'circleci'])
      expect(await countersign(['login', '--method', method], given)).toMatchObject({
        code: 0,
        out: 'eyJ.a.b\n',
      })
    expect(platform.asked.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      ['/api/v1/auth/oidc-auth/login', { identityId: 'idn_1', jwt: 'eyJjob' }],
      ['/api/v1/auth/oidc-auth/login', { identityId: 'idn_1', jwt: 'eyJjob' }],
    ])
    for (const [method, wanted] of [
      ['tls', 'COUNTERSIGN_CLIENT_CERT_FILE'],
      ['spiffe', 'COUNTERSIGN_JWT_SVID_FILE'],
      ['vercel', 'VERCEL_OIDC_TOKEN'],
    ] as const)
      expect(await countersign(['login', '--method', method], job)).toMatchObject({
        code: 2,
        err: expect.stringContaining(wanted),
      })
  }, 60_000)

  test('proves a key where the host asks for one, and hands out no token without', async () => {
    const tokenPolicy = { boundTo: 'dpop' } as const
    const bound = await anIdentity(host.engine, { name: 'bound', role: 'admin', tokenPolicy })
    const listed = await countersign(['identities', '--plain'], environmentOf(bound))
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('\tbound\t') })
    expect(await countersign(['login'], environmentOf(bound))).toMatchObject({ code: 1, out: '' })
  }, 60_000)

  test('refuses a secret on the command line, and what it does not know, with 2', async () => {
    const secret = await countersign(['login', '--client-secret', 'hunter2'])
    expect(secret).toMatchObject({ code: 2, out: '' })
    expect(secret.err).toContain('can be read by others')
    expect(secret.err).not.toContain('hunter2')
    for (const given of [
      [],
      ['dance'],
      ['token', 'eat'],
      ['login', '--loud'],
      ['run'],
      ['login', '--method'],
    ])
      expect(await countersign(given)).toMatchObject({ code: 2, out: '' })
  }, 60_000)

  test('ends with 1 where it is refused, and with 3 where nobody answers', async () => {
    const wrong = { ...environmentOf(host.worker), COUNTERSIGN_CLIENT_SECRET: 'cst_cs_wrong' }
    expect(await countersign(['login'], wrong)).toMatchObject({ code: 1, out: '' })
    const { url } = await aPlatform(() => ({ status: 503, headers: { 'retry-after': '120' } }))
    const gone = await countersign(['login'], {
      ...environmentOf(host.worker),
      COUNTERSIGN_URL: url,
    })
    expect(gone).toMatchObject({ code: 3, err: expect.stringContaining('wait 120 s') })
  }, 60_000)

  test('helps, and tells its version', async () => {
    expect((await countersign(['--help'])).out).toBe(`${USAGE}\n`)
    expect(USAGE.split('\n').every((line) => line.length <= 120)).toBe(true)
    const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
    expect((await countersign(['--version'])).out).toBe(`${JSON.parse(manifest).version}\n`)
  }, 60_000)
})
