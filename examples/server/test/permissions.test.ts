import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Credential } from './clients.ts'
import { logIn } from './clients.ts'
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

/** Logs in, and answers how to ask the server with that one token. */
async function caller(credential: Credential) {
  const { accessToken } = (await (await logIn(ready.url, credential)).json()) as Answer
  const headers = { authorization: `Bearer ${accessToken}` }
  return {
    get: (path: string) => fetch(`${ready.url}${path}`, { headers }),
    post: (path: string) => fetch(`${ready.url}${path}`, { method: 'POST', headers }),
  }
}

describe('One token of the deployer', () => {
  test('reads a secret in two projects, and approves an invoice of the organization', async () => {
    const { get, post } = await caller(ready.deployer)
    for (const project of ['web', 'api']) {
      const answer = await get(`/api/projects/${project}/secrets/prod/apps/api/db`)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({
        project,
        environment: 'prod',
        path: '/apps/api/db',
        value: expect.any(String),
      })
    }
    const approved = await post('/api/invoices/inv-7/approve')
    expect([approved.status, await approved.json()]).toEqual([
      200,
      { invoice: 'inv-7', approvedBy: 'Deployer' },
    ])
  })

  test.each([
    ['another environment', 'dev/apps/api/db'],
    ['a path outside', 'prod/infra/db'],
    ['a way out of its path', 'prod/apps/%2e%2e/infra/db'],
    ['a way out, in one part', 'prod/apps%2f..%2finfra/db'],
    ['a path that is not canonical', 'prod/apps//db'],
    ['a path that ends in a slash', 'prod/apps/'],
    ['a control character', 'prod/apps/%00'],
  ])('is answered 403 for %s, and told what it lacks', async (_what, path) => {
    const { get } = await caller(ready.deployer)
    const answer = await get(`/api/projects/web/secrets/${path}`)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope"/)
    expect(await answer.json()).toMatchObject({
      statusCode: 403,
      details: {
        refusal: 'missing_permission',
        permission: 'secret:read',
        scope: { organization: 'acme', project: 'web' },
      },
    })
  })
})

describe('A project', () => {
  test('of another tenant is answered like one that is nowhere, whoever asks', async () => {
    for (const credential of [ready, ready.deployer]) {
      const { get } = await caller(credential)
      const [foreign, unknown, ...odd] = await Promise.all(
        ['mobile', 'nowhere', '__proto__', 'x'.repeat(300)].map(async (project) => {
          const answer = await get(`/api/projects/${project}/secrets/prod/apps/api`)
          return { status: answer.status, body: await answer.json() }
        }),
      )
      expect(foreign?.status).toBe(404)
      expect(foreign).toEqual(unknown)
      for (const answer of odd) expect(answer).toEqual(unknown)
    }
  })

  test('is not named to whoever shows no token', async () => {
    for (const project of ['web', 'mobile', 'nowhere']) {
      const answer = await fetch(`${ready.url}/api/projects/${project}/secrets/prod/apps/api`)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="countersign"')
    }
  })
})

test('The administrator reads every secret of its organization', async () => {
  const { get, post } = await caller(ready)
  expect((await get('/api/projects/api/secrets/dev/infra/db')).status).toBe(200)
  expect((await post('/api/invoices/inv-7/approve')).status).toBe(200)
})
