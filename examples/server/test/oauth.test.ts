import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postForm, whoami } from './clients.ts'
import type { Ready, Run } from './reference-server.ts'
import { run } from './reference-server.ts'

const TIMEOUT = 60_000

let folder: string
let server: Run
let ready: Ready

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  server = run({ COUNTERSIGN_DATA: folder })
  ready = await server.ready
}, TIMEOUT)

afterAll(async () => {
  await server.stop('SIGKILL')
  await rm(folder, { recursive: true })
}, TIMEOUT)

interface Metadata {
  readonly issuer: string
  readonly token_endpoint: string
  readonly introspection_endpoint: string
  readonly revocation_endpoint: string
  readonly jwks_uri: string
}

async function read(path: string): Promise<Metadata> {
  const answer = await fetch(`${ready.url}${path}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Metadata
}

describe('OAuth at the root', { timeout: TIMEOUT }, () => {
  test('is found by both documents', async () => {
    const server = await read('/.well-known/oauth-authorization-server')
    expect(server.issuer).toBe(ready.url)
    expect(await read('/.well-known/openid-configuration')).toMatchObject(server)
    expect((await fetch(server.jwks_uri)).status).toBe(200)
  })

  test('grants, tells and ends a token, and says no to a wrong secret', async () => {
    const endpoints = await read('/.well-known/oauth-authorization-server')
    const grant = { grant_type: 'client_credentials', scope: 'secret:read' }
    const granted = await postForm(endpoints.token_endpoint, grant, ready.deployer)
    const { access_token: token } = (await granted.json()) as { readonly access_token: string }
    expect((await whoami(ready.url, token)).status).toBe(200)
    const invoice = `${ready.url}/api/invoices/inv-7/approve`
    const approve = (bearer: string) =>
      fetch(invoice, { method: 'POST', headers: { authorization: `Bearer ${bearer}` } })
    expect((await approve(token)).status).toBe(403)
    const told = await postForm(endpoints.introspection_endpoint, { token }, ready)
    expect(await told.json()).toMatchObject({ active: true, scope: 'secret:read' })
    expect((await postForm(endpoints.revocation_endpoint, { token })).status).toBe(200)
    expect((await whoami(ready.url, token)).status).toBe(401)
    const wrong = { ...ready.deployer, clientSecret: 'wrong' }
    const refused = await postForm(endpoints.token_endpoint, grant, wrong)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ error: 'invalid_client' })
  })
})
