import { createHandler } from '@countersign/http'
import type { Openldap } from '@countersign/testkit'
import { beforeAll, expect, test } from 'vitest'
import {
  aDirectory,
  authority,
  PASSWORD,
  PEOPLE,
  SERVICE,
  SERVICE_PASSWORD,
} from './support/directory.ts'
import { anEngine, HOME, policyOf } from './support/world.ts'

let server: Openldap
beforeAll(async () => {
  server = await aDirectory()
}, 60_000)

/** A handler over an engine, and an admin of its organization. */
async function aWire() {
  const { countersign, host, identity } = await anEngine(policyOf(server.securePort))
  await host.roleBindings.create({ organization: 'acme', subject: { identity }, role: 'admin' })
  const handler = createHandler(countersign)
  const call = async (method: string, target: string, body: object, token?: string) => {
    const headers: Readonly<Record<string, string | undefined>> = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const answer = await handler.answer({
      method,
      target,
      header: (name) => headers[name],
      body: method === 'GET' ? undefined : (new Response(JSON.stringify(body)).body ?? undefined),
      peer: { address: HOME.address },
    })
    if (answer === undefined) throw new Error('The handler says that the request is not its own')
    return { status: answer.status, body: JSON.parse(String(answer.body)) }
  }
  const login = (identityId: string, password: string) =>
    call('POST', '/api/v1/auth/ldap-auth/login', { identityId, username: 'alice', password })
  const { body } = await login(identity, PASSWORD)
  return { call, login, token: body.accessToken as string }
}

const FIELDS = {
  bindDN: SERVICE,
  searchBase: PEOPLE,
  searchFilter: '(uid={{username}})',
  allowedFields: [{ key: 'title', value: 'builder,tester' }],
}

test('ldap-auth is attached, shown, changed and used with the names of the wire', async () => {
  const { call, login, token } = await aWire()
  const { body: made } = await call('POST', '/api/v1/identities', { name: 'by-wire' }, token)
  const id = made.identity.id as string
  const path = `/api/v1/auth/ldap-auth/identities/${id}`
  const url = `ldaps://127.0.0.1:${server.securePort}`
  const said = { ...FIELDS, url, bindPass: SERVICE_PASSWORD, ldapCaCertificate: authority.ca }
  const { allowedFields: _fields, ...boundless } = said
  expect((await call('POST', path, boundless, token)).status).toBe(400)
  expect((await call('POST', path, { ...said, lockoutThreshold: 5 }, token)).status).toBe(200)
  const shown = await call('GET', path, {}, token)
  expect(shown.body.identityLdapAuth).toMatchObject({
    ...FIELDS,
    url,
    bindPass: '[sealed]',
    lockoutThreshold: 5,
  })
  expect((await login(id, PASSWORD)).status).toBe(200)
  for (const password of ['', 'wrong']) expect((await login(id, password)).status).toBe(401)
  const changed = { allowedFields: [{ key: 'title', value: 'tester' }] }
  expect((await call('PATCH', path, changed, token)).status).toBe(200)
  expect((await login(id, PASSWORD)).status).toBe(401)
})
