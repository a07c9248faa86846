import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { InfisicalClient } from 'infisical-sdk-2'
import { InfisicalSDK as Sdk3 } from 'infisical-sdk-3'
import { InfisicalSDK as Sdk4 } from 'infisical-sdk-4'
import { revoke, whoami } from '../examples/server/test/clients.ts'
import type { Ready, Run } from '../examples/server/test/reference-server.ts'
import { run } from '../examples/server/test/reference-server.ts'

let folder: string
let server: Run
let ready: Ready

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compat-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
})

afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** Stops the server, and tells the types of the events about the administrator's logins, in order. */
async function loginsSeen(): Promise<readonly string[]> {
  const { stderr } = await server.stop()
  return stderr
    .split('\n')
    .filter((line) => line.includes(ready.clientId))
    .map((line) => JSON.parse(line).type)
    .filter((type) => /^(login|token)\./.test(type))
}

const WRONG = /\[StatusCode=401\] The credential was not accepted$/
const LOCKED = /\[StatusCode=401\] Too many failed attempts; try again later$/

describe('@infisical/sdk 4', () => {
  const logIn = (clientSecret: string): Promise<Sdk4> =>
    new Sdk4({ siteUrl: ready.url })
      .auth()
      .universalAuth.login({ clientId: ready.clientId, clientSecret })

  const tokenOf = (client: Sdk4): string => client.auth().getAccessToken() ?? ''

  test('logs in and renews, and both tokens open a route', async () => {
    const client = await logIn(ready.clientSecret)
    const first = tokenOf(client)
    const renewed = tokenOf(await client.auth().universalAuth.renew())
    assert.notEqual(renewed, first)
    for (const token of [first, renewed]) assert.equal((await whoami(ready.url, token)).status, 200)
  })

  test('is told in words that a renewal is refused', async () => {
    const client = await logIn(ready.clientSecret)
    await revoke(ready.url, tokenOf(client))
    const message = /\[StatusCode=401\] The access token is not valid$/
    await assert.rejects(client.auth().universalAuth.renew(), { message })
  })

  test('is told in words of a wrong secret and a lock, and asks once for each login', async () => {
    for (const _attempt of [1, 2, 3]) await assert.rejects(logIn('wrong'), { message: WRONG })
    await assert.rejects(logIn(ready.clientSecret), { message: LOCKED })
    assert.deepEqual(await loginsSeen(), Array(4).fill('login.refused'))
  })
})

describe('@infisical/sdk 3', () => {
  const logIn = (clientSecret: string): Promise<Sdk3> =>
    new Sdk3({ siteUrl: ready.url })
      .auth()
      .universalAuth.login({ clientId: ready.clientId, clientSecret })

  test('logs in and renews', async () => {
    // It keeps its token to itself: only the trail tells that the renewal was of this login.
    const client = await logIn(ready.clientSecret)
    await client.auth().universalAuth.renew()
    assert.deepEqual(await loginsSeen(), ['login.granted', 'token.renewed'])
  })

  test('is told in words of a wrong secret and a lock, and asks once for each login', async () => {
    for (const _attempt of [1, 2, 3]) await assert.rejects(logIn('wrong'), { message: WRONG })
    await assert.rejects(logIn(ready.clientSecret), { message: LOCKED })
    assert.deepEqual(await loginsSeen(), Array(4).fill('login.refused'))
  })
})

describe('@infisical/sdk 2.3.5, written in Rust', () => {
  const wanted = { environment: 'prod', projectId: 'web', path: '/', secretName: 'DB' }

  /** It logs in when it is first asked for a secret, which the reference server does not keep. */
  function ask(clientSecret: string): Promise<unknown> {
    const universalAuth = { clientId: ready.clientId, clientSecret }
    const client = new InfisicalClient({ siteUrl: ready.url, auth: { universalAuth } })
    return client.getSecret({ ...wanted, type: 'shared' })
  }

  test('logs in, and goes on to what it came for', async () => {
    await assert.rejects(ask(ready.clientSecret), { message: "Secret with name 'DB' not found." })
    assert.deepEqual(await loginsSeen(), ['login.granted'])
  })

  test('is told in words that a secret is wrong', async () => {
    const message = 'Failed to authenticate: The credential was not accepted'
    await assert.rejects(ask('wrong'), { message })
    assert.deepEqual(await loginsSeen(), ['login.refused'])
  })
})
