import type { Principal, UserClaim } from '@countersign/core'
import { createGuard, createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { aManaged } from '../support/manager.ts'
import { aWorkload, HOME } from '../support/workload.ts'

const IDENTITIES = '/api/v1/identities'
const ISSUER = 'https://id.example.com'
const JSON_TYPE = { 'content-type': 'application/json' }
const ADMIN: UserClaim = { user: 'u_1', organization: 'acme', bindings: [{ role: 'admin' }] }

async function answering(
  headers: Readonly<Record<string, string>>,
  claim: unknown = ADMIN,
  { method = 'POST', body = { name: 'a' } as unknown } = {},
) {
  const { countersign } = await aManaged()
  let asked = 0
  const user = () => {
    asked += 1
    return (claim ?? undefined) as UserClaim | undefined
  }
  const handler = createHandler(countersign, { user })
  const request = new Request(`${ISSUER}${IDENTITIES}`, {
    method,
    headers,
    ...(method !== 'GET' && { body: JSON.stringify(body) }),
  })
  const response = await handler.handle(request, HOME)
  return { status: response?.status, body: await response?.text(), asked, countersign }
}

describe('the host’s people', () => {
  test.each([
    ['of the same origin', { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }, 200],
    ['that a person typed', { ...JSON_TYPE, 'sec-fetch-site': 'none' }, 200],
    ['with the origin of the issuer', { ...JSON_TYPE, origin: ISSUER }, 200],
    ['of another site', { ...JSON_TYPE, 'sec-fetch-site': 'cross-site' }, 403],
    ['of the same site', { ...JSON_TYPE, 'sec-fetch-site': 'same-site' }, 403],
    ['with another origin', { ...JSON_TYPE, origin: 'https://evil.example' }, 403],
    ['with an origin that begins alike', { ...JSON_TYPE, origin: `${ISSUER}.evil.example` }, 403],
    ['with no origin', JSON_TYPE, 403],
    ['with the origin null', { ...JSON_TYPE, origin: 'null' }, 403],
  ])('manage by a request %s: %#', async (_name, headers, status) => {
    expect((await answering(headers)).status).toBe(status)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
    'a page of another site cannot send %s in their name',
    async (type) => {
      const headers = { origin: ISSUER, ...(type !== undefined && { 'content-type': type }) }
      expect([403, 415]).toContain((await answering(headers)).status)
    },
  )

  test('read without a content type, from a page of the origin alone', async () => {
    const read = { method: 'GET' }
    const own = await answering({ 'sec-fetch-site': 'same-origin' }, ADMIN, read)
    const other = await answering({ 'sec-fetch-site': 'cross-site' }, ADMIN, read)
    expect([own.status, other.status]).toEqual([200, 403])
  })

  test.each(['Bearer x', 'Basic eDp5', 'Bearer'])(
    'are not asked for where a request shows %s',
    async (authorization) => {
      const headers = { ...JSON_TYPE, 'sec-fetch-site': 'same-origin', authorization }
      expect(await answering(headers)).toMatchObject({ status: 401, asked: 0 })
    },
  )

  test('are nobody where the host knows nobody', async () => {
    const headers = { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }
    expect(await answering(headers, null)).toMatchObject({ status: 401 })
  })

  test('do what they hold, and no more; the trail names them', async () => {
    const headers = { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }
    const viewer = { ...ADMIN, bindings: [{ role: 'viewer' }] }
    expect((await answering(headers, viewer)).status).toBe(403)
    const { countersign } = await answering(headers)
    await countersign.maintain()
    const { items } = await countersign.asHost('test').events.list({ organization: 'acme' })
    expect(items).toContainEqual(
      expect.objectContaining({
        type: 'identity.created',
        actor: { kind: 'user', id: 'u_1' },
      }),
    )
  })

  test('a claim that is none is a bug of the host', async () => {
    const headers = { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }
    expect(await answering(headers, { user: 7 })).toMatchObject({ status: 500 })
  })

  test('are not asked for on routes where everybody proves itself', async () => {
    const { countersign } = await aManaged()
    const handler = createHandler(countersign, { user: () => ADMIN })
    const headers = { 'sec-fetch-site': 'same-origin' }
    const status = async (path: string) =>
      (await handler.handle(new Request(`${ISSUER}${path}`, { headers }), HOME))?.status
    expect(await status('/api/v1/identities/details')).toBe(401)
    expect(await status(IDENTITIES)).toBe(200)
  })
})

describe('a guard that lets people in', () => {
  const guarded = async () => {
    const { countersign, login } = await aWorkload()
    const guard = createGuard<never, Principal<never>>(countersign as never)
    return { guard, login }
  }

  test('asks once for each request, decides, and answers who it is', async () => {
    const { guard } = await guarded()
    let asked = 0
    const user = () => {
      asked += 1
      return ADMIN
    }
    const request = { key: {}, authorization: undefined, peer: () => HOME, user }
    expect(await guard.authenticate(request)).toMatchObject({ principal: { user: 'u_1' } })
    expect((await guard.can(request, 'project:create')).refused).toBeUndefined()
    expect(guard.principalOf(request.key)).toMatchObject({ kind: 'user' })
    expect(asked).toBe(1)
  })

  test('refuses what they do not hold, and strangers', async () => {
    const { guard } = await guarded()
    const ask = (user: () => UserClaim | undefined) =>
      guard.can({ key: {}, authorization: '', peer: () => HOME, user }, 'project:create')
    const viewer = { ...ADMIN, bindings: [{ role: 'viewer' }] }
    expect((await ask(() => viewer)).refused?.status).toBe(403)
    expect((await ask(() => undefined)).refused?.status).toBe(401)
  })

  test('lets strangers pass where it may', async () => {
    const { guard } = await guarded()
    const request = { authorization: undefined, peer: () => HOME }
    const verdicts = [undefined, ADMIN].map((claim) =>
      guard.authenticate({ ...request, key: {}, user: () => claim }, { optional: true }),
    )
    expect(await Promise.all(verdicts)).toMatchObject([
      { principal: undefined },
      { principal: { user: 'u_1' } },
    ])
  })

  test('prefers a token, and a bad one is refused whatever the session says', async () => {
    const { guard, login } = await guarded()
    const { accessToken } = await login()
    const ask = (token: string) =>
      guard.authenticate({
        key: {},
        authorization: `Bearer ${token}`,
        peer: () => HOME,
        user: () => ADMIN,
      })
    expect(await ask(accessToken)).toMatchObject({ principal: { kind: 'identity' } })
    expect((await ask('nothing.of.ours')).refused?.status).toBe(401)
  })
})

describe('TEN-003 the tenant comes from the token, never from input', () => {
  test.each([
    ['a body', 'POST', IDENTITIES, { name: 'a', organizationId: 'globex' }, {}, 404],
    ['a query', 'GET', `${IDENTITIES}?orgId=globex`, undefined, {}, 404],
    ['a path', 'GET', '/api/v1/organization/globex/roles', undefined, {}, 404],
    ['a path of a project', 'GET', '/api/v1/projects/mobile/identities', undefined, {}, 404],
    ['an unknown member', 'POST', IDENTITIES, { name: 'a', organization: 'globex' }, {}, 400],
  ] as const)('TEN-003 %s that names another one is refused', async (...row) => {
    const [, method, path, body, headers, status] = row
    const { call, countersign } = await aManaged()
    const host = countersign.asHost('test')
    await host.projects.ensure({ organization: 'globex', id: 'mobile', name: 'Mobile' })
    expect((await call(method, path, body, headers)).status).toBe(status)
    expect((await host.identities.list({ organization: 'globex' })).items).toEqual([])
  })

  test('TEN-003 a header that names another one means nothing', async () => {
    const { call } = await aManaged()
    const headers = { 'x-organization': 'globex', 'x-org-id': 'globex', 'x-tenant': 'globex' }
    const answer = await call('POST', IDENTITIES, { name: 'a' }, headers)
    expect(bodyOf(answer)).toMatchObject({ identity: { orgId: 'acme' } })
  })

  test('TEN-003 an id of another one is not found, by any route', async () => {
    const { call, countersign } = await aManaged()
    const host = countersign.asHost('test')
    const { identity } = await host.identities.create({
      organization: 'globex',
      name: 'foreign',
      authMethod: { method: 'universal' },
    })
    const paths = [
      `${IDENTITIES}/${identity.id}`,
      `/api/v1/auth/universal-auth/identities/${identity.id}`,
      `/api/v1/auth/universal-auth/identities/${identity.id}/client-secrets`,
      `/api/v1/projects/web/memberships/identities/${identity.id}`,
    ]
    for (const path of paths) expect((await call('GET', path)).status).toBe(404)
    expect((await call('DELETE', `${IDENTITIES}/${identity.id}`)).status).toBe(404)
    expect((await call('POST', paths[3] ?? '', { role: 'viewer' })).status).toBe(404)
  })
})

describe('ESC-009 nothing that arrives selects the host’s authority', () => {
  const TRUSTED = {
    actor: { kind: 'host', label: 'x' },
    asHost: true,
    authRequired: false,
    isBounded: false,
    system: true,
    principal: { kind: 'user', user: 'u_1', organization: 'acme' },
  }

  test.each(Object.entries(TRUSTED))('ESC-009 a body with %s is refused', async (name, value) => {
    const { as } = await aManaged()
    const { call } = await as({ rules: [{ allow: ['identity:create'] }] })
    const said = { name: 'a', role: 'admin' }
    expect((await call('POST', IDENTITIES, said)).status).toBe(403)
    expect((await call('POST', IDENTITIES, { ...said, [name]: value })).status).toBe(400)
  })

  test('ESC-009 headers and queries are no authority either', async () => {
    const { as } = await aManaged()
    const { call } = await as({ role: 'no-access' })
    const headers = { 'x-actor': 'host', 'x-internal': '1', 'x-user': 'u_1', cookie: 'admin=1' }
    expect((await call('POST', IDENTITIES, { name: 'a' }, headers)).status).toBe(403)
    expect((await call('POST', `${IDENTITIES}?asHost=true`, { name: 'a' })).status).toBe(400)
  })

  test('ESC-009 a prototype that arrives is nobody’s', async () => {
    const { as } = await aManaged()
    const { call } = await as({ role: 'no-access' })
    const text = '{"name":"a","__proto__":{"isBounded":false}}'
    expect((await call('POST', IDENTITIES, text)).status).toBe(400)
    expect((await call('POST', IDENTITIES, '{"name":"a","constructor":{}}')).status).toBe(400)
  })
})
