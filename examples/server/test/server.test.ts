import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from './clients.ts'
import { logIn, logInByForm, renew, revoke, whoami } from './clients.ts'
import type { Ready, Run } from './reference-server.ts'
import { run } from './reference-server.ts'

let folder: string
let server: Run
let ready: Ready

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
})

afterAll(async () => {
  await server.stop('SIGKILL')
  await rm(folder, { recursive: true })
})

async function loggedIn(): Promise<Answer> {
  return (await (await logIn(ready.url, ready)).json()) as Answer
}

describe('The ready line', () => {
  test('names the process, where it listens and whom it lets in', () => {
    expect(ready).toEqual({
      ready: true,
      pid: expect.any(Number),
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      organization: 'acme',
      project: 'web',
      identity: expect.stringMatching(/^idn_/),
      clientId: ready.identity,
      clientSecret: expect.stringMatching(/^cst_cs_/),
      deployer: {
        clientId: expect.stringMatching(/^idn_/),
        clientSecret: expect.stringMatching(/^cst_cs_/),
      },
    })
  })
})

describe('A login', () => {
  test('answers the four fields to the curl line of the announcement', async () => {
    expect(await logInByForm(ready.url, ready)).toEqual({
      accessToken: expect.stringMatching(/^eyJ/),
      expiresIn: 7200,
      accessTokenMaxTTL: 7200,
      tokenType: 'Bearer',
    })
  })

  test('answers the same to JSON, and may not be stored', async () => {
    const answer = await logIn(ready.url, ready)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ expiresIn: 7200, accessTokenMaxTTL: 7200 })
  })

  test('is refused with a sentence when the secret is wrong', async () => {
    const answer = await logIn(ready.url, { ...ready, clientSecret: 'wrong' })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ statusCode: 401, message: expect.any(String) })
  })
})

describe('GET /api/whoami', () => {
  test('answers who is calling', async () => {
    const { accessToken } = await loggedIn()
    const answer = await whoami(ready.url, accessToken)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      kind: 'identity',
      organization: 'acme',
      identity: ready.identity,
      slug: 'admin',
      method: 'universal',
    })
  })

  test('challenges whoever shows no token, or a bad one', async () => {
    const { accessToken } = await loggedIn()
    const silent = await whoami(ready.url)
    const tampered = await whoami(ready.url, `${accessToken.slice(0, -4)}AAAA`)
    expect([silent.status, tampered.status]).toEqual([401, 401])
    expect(silent.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(tampered.headers.get('www-authenticate')).toMatch(/error="invalid_token"/)
  })
})

describe('A token', () => {
  test('is renewed, and the renewed one opens the same route', async () => {
    const { accessToken } = await loggedIn()
    const answer = await renew(ready.url, accessToken)
    const renewed = (await answer.json()) as Answer
    expect(renewed.accessToken).not.toBe(accessToken)
    expect(renewed.expiresIn).toBeGreaterThan(7100)
    expect((await whoami(ready.url, renewed.accessToken)).status).toBe(200)
  })

  test('opens nothing once it is revoked, nor does its renewal', async () => {
    const { accessToken } = await loggedIn()
    const renewed = (await (await renew(ready.url, accessToken)).json()) as Answer
    expect((await revoke(ready.url, accessToken)).status).toBe(200)
    expect((await whoami(ready.url, accessToken)).status).toBe(401)
    expect((await whoami(ready.url, renewed.accessToken)).status).toBe(401)
  })
})

describe('The host', () => {
  test('answers its own routes, and 404 where nobody does', async () => {
    const health = await fetch(`${ready.url}/healthz`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect((await fetch(`${ready.url}/nowhere`)).status).toBe(404)
  })

  test('publishes the keys of its tokens', async () => {
    const keys = await (await fetch(`${ready.url}/.well-known/jwks.json`)).json()
    expect(keys).toMatchObject({ keys: [{ alg: 'EdDSA', use: 'sig' }] })
  })
})
