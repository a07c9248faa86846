import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { InfisicalSDK } from '@infisical/sdk'
import { revoke, whoami } from '../examples/server/test/clients.ts'
import type { Ready, Run } from '../examples/server/test/reference-server.ts'
import { run } from '../examples/server/test/reference-server.ts'

let folder: string
let server: Run
let ready: Ready

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compat-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
})

after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const aClient = (): InfisicalSDK => new InfisicalSDK({ siteUrl: ready.url })

const logIn = (clientSecret: string): Promise<InfisicalSDK> =>
  aClient().auth().universalAuth.login({ clientId: ready.clientId, clientSecret })

const tokenOf = (client: InfisicalSDK): string => client.auth().getAccessToken() ?? ''

test('The SDK logs in, and its token opens a route', async () => {
  const client = await logIn(ready.clientSecret)
  assert.equal((await whoami(ready.url, tokenOf(client))).status, 200)
})

test('The SDK renews, and the renewed token opens a route', async () => {
  const client = await logIn(ready.clientSecret)
  const renewed = await client.auth().universalAuth.renew()
  assert.notEqual(tokenOf(renewed), '')
  assert.equal((await whoami(ready.url, tokenOf(renewed))).status, 200)
})

test('The SDK is told in words that a renewal is refused', async () => {
  const client = await logIn(ready.clientSecret)
  await revoke(ready.url, tokenOf(client))
  await assert.rejects(client.auth().universalAuth.renew(), {
    message: /\[StatusCode=401\] The access token is not valid$/,
  })
})

test('The SDK is told in words that a secret is wrong, and then that it is locked out', async () => {
  for (const _attempt of [1, 2, 3])
    await assert.rejects(logIn('a-wrong-secret'), {
      message: /\[StatusCode=401\] The credential was not accepted$/,
    })
  await assert.rejects(logIn(ready.clientSecret), {
    message: /\[StatusCode=401\] Too many failed attempts; try again later$/,
  })
})

test('The SDK asked once for each login: no refusal made it try again', async () => {
  const { stderr } = await server.stop()
  const refusals = stderr.split('\n').filter((line) => line.includes('"type":"login.refused"'))
  assert.equal(refusals.length, 4)
})
