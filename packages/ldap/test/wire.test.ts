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

test('identity templates are made, named, changed and deleted with the names of the wire', async () => {
  const { call, login, token } = await aWire()
  const path = '/api/v1/identity-templates'
  const templateFields = {
    url: `ldaps://127.0.0.1:${server.securePort}`,
    bindDN: SERVICE,
    bindPass: SERVICE_PASSWORD,
    searchBase: PEOPLE,
    ldapCaCertificate: authority.ca,
  }
  const said = { name: 'Head office', authMethod: 'ldap', templateFields }
  for (const wrong of [
    { ...said, authMethod: 'oidc' },
    { ...said, templateFields: { ...templateFields, allowedFields: FIELDS.allowedFields } },
    { ...said, templateFields: {} },
  ])
    expect((await call('POST', path, wrong, token)).status).toBe(400)
  expect((await call('POST', path, said)).status).toBe(401)
  const { status, body: made } = await call('POST', path, said, token)
  expect(status).toBe(200)
  const shown = { ...said, templateFields: { ...templateFields, bindPass: '[sealed]' } }
  expect(made).toMatchObject({ ...shown, orgId: 'acme', id: expect.stringMatching(/^atp_/) })
  const one = `${path}/${made.id}`
  expect((await call('GET', one, {}, token)).body).toEqual(made)
  const search = await call('GET', `${path}/search?authMethod=ldap&search=OFFICE`, {}, token)
  expect(search.body).toEqual({ templates: [made], totalCount: 1 })

  const { body } = await call('POST', '/api/v1/identities', { name: 'by-template' }, token)
  const id = body.identity.id as string
  const settings = `/api/v1/auth/ldap-auth/identities/${id}`
  const { allowedFields } = FIELDS
  const both = { templateId: made.id, allowedFields, url: 'ldaps://127.0.0.1:1' }
  expect(await call('POST', settings, both, token)).toMatchObject({
    status: 400,
    body: { message: 'url must not be stated beside a template' },
  })
  const attached = await call('POST', settings, { templateId: made.id, allowedFields }, token)
  expect(attached).toMatchObject({
    status: 200,
    body: { identityLdapAuth: { templateId: made.id, allowedFields } },
  })
  expect(attached.body.identityLdapAuth).not.toHaveProperty('bindPass')
  expect((await login(id, PASSWORD)).status).toBe(200)
  expect((await call('GET', `${one}/usage`, {}, token)).body).toEqual([
    { identityId: id, identityName: 'by-template' },
  ])
  expect((await call('DELETE', one, {}, token)).status).toBe(409)
  const elsewhere = { templateFields: { searchBase: `ou=admins,${PEOPLE}` } }
  expect((await call('PATCH', one, elsewhere, token)).status).toBe(200)
  expect((await login(id, PASSWORD)).status).toBe(401)

  const inline = { templateId: '', ...templateFields }
  const freed = await call('PATCH', settings, inline, token)
  expect(freed.body.identityLdapAuth).toMatchObject({ templateId: null, searchBase: PEOPLE })
  expect((await login(id, PASSWORD)).status).toBe(200)
  const again = { templateId: made.id, allowedFields: [{ key: 'title', value: 'Deployer' }] }
  expect((await call('PATCH', settings, again, token)).status).toBe(200)
  expect((await call('PATCH', settings, inline, token)).status).toBe(200)
  expect((await call('DELETE', one, {}, token)).status).toBe(200)
  expect((await call('GET', one, {}, token)).status).toBe(404)
}, 30_000)
