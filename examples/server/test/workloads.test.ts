import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { ClientRuntime } from '@countersign/client'
import { createClient, staticToken, universal } from '@countersign/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from './clients.ts'
import { postForm, whoami } from './clients.ts'
import { ask, operatorOf } from './operator.ts'
import type { Ready, Run } from './reference-server.ts'
import { run } from './reference-server.ts'

let folder: string
let server: Run
let ready: Ready
let operator: Awaited<ReturnType<typeof operatorOf>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
  operator = await operatorOf(ready)
}, 60_000)

afterAll(async () => {
  await server.stop('SIGKILL')
  await rm(folder, { recursive: true })
})

/** A workload's clock, which is moved by hand. */
function aRuntime() {
  let ahead = 0
  const runtime: ClientRuntime = {
    now: () => performance.now() + ahead,
    wallClock: () => new Date(Date.now() + ahead),
    random: Math.random,
    fetch: globalThis.fetch,
    pause: async (milliseconds, signal) => {
      await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
    },
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
  }
  return {
    runtime,
    advance: (seconds: number) => {
      ahead += seconds * 1000
    },
  }
}

describe('The client of this repository', () => {
  test('logs in once for many callers, renews ahead of the end, and ends its login on disposal', async () => {
    const { runtime, advance } = aRuntime()
    const told: string[] = []
    const auth = universal(ready.deployer)
    const tokens: string[] = []
    {
      await using client = createClient({
        url: ready.url,
        auth,
        runtime,
        onEvent: ({ type }) => told.push(type),
      })
      const first = await Promise.all(Array.from({ length: 20 }, () => client.token()))
      expect(new Set(first).size).toBe(1)
      expect(told).toEqual(['logged_in'])
      const secret = `${ready.url}/api/projects/web/secrets/prod/apps/api/db`
      expect((await client.fetch(secret)).status).toBe(200)
      advance(7100)
      await client.token()
      await expect.poll(() => told, { timeout: 20_000 }).toEqual(['logged_in', 'renewed'])
      const renewed = await client.token()
      tokens.push(...first.slice(0, 1), renewed)
      expect(renewed).not.toBe(first[0])
      expect((await whoami(ready.url, renewed)).status).toBe(200)
    }
    for (const token of tokens) expect((await whoami(ready.url, token)).status).toBe(401)
  })

  test('logs in anew where somebody else ended its login', async () => {
    await using client = createClient({ url: ready.url, auth: universal(ready.deployer) })
    const token = await client.token()
    await ask('POST', `${ready.url}/api/v1/auth/token/revoke`, { accessToken: token })
    expect((await client.fetch(`${ready.url}/api/whoami`)).status).toBe(200)
    expect(await client.token()).not.toBe(token)
  })

  test('carries a static token as it stands, and does not end it', async () => {
    const identity = await operator.identityBy('token-auth', {})
    const path = `/auth/token-auth/identities/${identity}/tokens`
    const { accessToken } = await operator.ok('POST', path, { name: 'of the test' })
    {
      await using client = createClient({ url: ready.url, auth: staticToken(accessToken) })
      const response = await client.fetch(`${ready.url}/api/whoami`)
      expect([response.status, await response.json()]).toMatchObject([200, { identity }])
    }
    expect((await whoami(ready.url, accessToken)).status).toBe(200)
  })

  test('says what to do about a wrong secret and a wrong address', async () => {
    const wrong = { ...ready.deployer, clientSecret: 'cst_cs_wrong' }
    const refused = createClient({ url: ready.url, auth: universal(wrong) })
    await expect(refused.token()).rejects.toMatchObject({ code: 'invalid_credential' })
    const elsewhere = createClient({ url: `${ready.url}/healthz`, auth: universal(ready.deployer) })
    await expect(elsewhere.token()).rejects.toMatchObject({ code: 'invalid_request' })
  })
})

describe("The requests of Infisical's command line", () => {
  const login = (body: object) =>
    ask('POST', `${ready.url}/api/v1/auth/universal-auth/login/`, body, {
      headers: { accept: 'application/json', authorization: '', 'user-agent': 'cli' },
    })
  const details = (token: string) =>
    ask('GET', `${ready.url}/api/v1/identities/details`, undefined, {
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'cli' },
    })

  test('a login with a slash behind it, fields that nobody knows and an empty header', async () => {
    const { clientId, clientSecret } = ready.deployer
    const told = await login({ clientId, clientSecret, organizationSlug: 'acme' })
    expect(told).toEqual({
      status: 200,
      body: {
        accessToken: expect.stringMatching(/^ey/),
        expiresIn: 7200,
        accessTokenMaxTTL: 7200,
        tokenType: 'Bearer',
      },
    })
    const claims = JSON.parse(
      atob(told.body.accessToken.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')),
    )
    expect(claims).toMatchObject({
      identityId: clientId,
      identityName: 'Deployer',
      authMethod: 'universal-auth',
      orgId: 'acme',
      authTokenType: 'identityAccessToken',
      exp: expect.any(Number),
    })
  })

  test('a session is checked by identities/details, which answers 401 where there is none', async () => {
    const { accessToken } = (await login(ready.deployer)).body as Answer
    expect(await details(accessToken)).toMatchObject({
      status: 200,
      body: { identityDetails: { organization: { id: 'acme', name: 'Acme' } } },
    })
    expect(await details(`${accessToken.slice(0, -4)}AAAA`)).toMatchObject({ status: 401 })
    await ask('POST', `${ready.url}/api/v1/auth/token/revoke`, { accessToken })
    expect(await details(accessToken)).toMatchObject({ status: 401 })
  })

  test('a renewal has the token in its body and as a bearer, and an endless life is a number', async () => {
    const identity = await operator.identityBy('universal-auth', {
      accessTokenTTL: 600,
      accessTokenMaxTTL: 1_000_000_000,
    })
    const path = `/auth/universal-auth/identities/${identity}/client-secrets`
    const { clientSecret } = await operator.ok('POST', path, {})
    const first = (await login({ clientId: identity, clientSecret })).body as Answer
    expect(first).toMatchObject({ expiresIn: 600, accessTokenMaxTTL: 1_000_000_000 })
    const { accessToken } = first
    const renewed = await ask(
      'POST',
      `${ready.url}/api/v1/auth/token/renew`,
      { accessToken },
      { headers: { authorization: `Bearer ${accessToken}` } },
    )
    expect(renewed).toMatchObject({
      status: 200,
      body: { expiresIn: 600, accessTokenMaxTTL: 1_000_000_000, tokenType: 'Bearer' },
    })
  })

  test('a wrong secret is refused in words that it can show, as JSON and as a form', async () => {
    const wrong = { ...ready.deployer, clientSecret: 'cst_cs_wrong' }
    const told = await login(wrong)
    expect(told).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: expect.any(String), error: expect.any(String) },
    })
    const form = await postForm(`${ready.url}/api/v1/auth/universal-auth/login/`, wrong)
    expect(form.status).toBe(401)
  })
})
