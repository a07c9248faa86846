import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { aManaged } from '../support/manager.ts'

const IDENTITIES = '/api/v1/identities'

describe('identities', () => {
  test('are made with a role and metadata, and shown as they are', async () => {
    const { ok } = await aManaged()
    const metadata = [{ key: 'team', value: 'web' }]
    const said = { name: ' deploy ', role: 'member', hasDeleteProtection: true, metadata }
    const { identity } = await ok('POST', IDENTITIES, { ...said, organizationId: 'acme' })
    expect(identity).toEqual({
      id: expect.stringMatching(/^idn_/),
      name: 'deploy',
      authMethod: null,
      orgId: 'acme',
      projectId: null,
      hasDeleteProtection: true,
      authMethods: [],
      metadata: [{ id: 'team', key: 'team', value: 'web' }],
      createdAt: '2026-03-01T12:00:00.000Z',
      updatedAt: '2026-03-01T12:00:00.000Z',
    })
    const shown = await ok('GET', `${IDENTITIES}/${identity.id}`)
    expect(shown.identity).toMatchObject({
      identityId: identity.id,
      role: 'member',
      identity: { id: identity.id, authMethods: [], activeLockoutAuthMethods: [] },
    })
  })

  test('hasDeleteProtection: false alone is a change', async () => {
    const { call, ok } = await aManaged()
    const { identity } = await ok('POST', IDENTITIES, { name: 'a', hasDeleteProtection: true })
    const path = `${IDENTITIES}/${identity.id}`
    expect((await call('DELETE', path)).status).toBe(409)
    const changed = await ok('PATCH', path, { hasDeleteProtection: false })
    expect(changed.identity).toMatchObject({ hasDeleteProtection: false, name: 'a' })
    await ok('DELETE', path)
    expect((await call('GET', path)).status).toBe(404)
  })

  test('a role takes the place of every one in the organization, and metadata of all of it', async () => {
    const { ok } = await aManaged()
    const { identity } = await ok('POST', IDENTITIES, {
      name: 'a',
      role: 'viewer',
      metadata: [{ key: 'a', value: '1' }],
    })
    const path = `${IDENTITIES}/${identity.id}`
    const metadata = [{ key: 'b', value: '2' }]
    const changed = await ok('PATCH', path, { role: 'member', metadata })
    expect(changed.identity.metadata).toEqual([{ id: 'b', key: 'b', value: '2' }])
    expect((await ok('GET', path)).identity.role).toBe('member')
  })

  test('are listed with how many there are, and searched by name and role', async () => {
    const { ok } = await aManaged()
    for (const name of ['web-2', 'web-1', 'api'])
      await ok('POST', IDENTITIES, { name, role: name === 'api' ? 'viewer' : 'no-access' })
    const names = ({ identities, totalCount }: { identities: never[]; totalCount: number }) => [
      ...identities.map(({ identity: { name } }) => name),
      totalCount,
    ]
    expect(names(await ok('GET', `${IDENTITIES}?orgId=acme`))).toEqual([
      'admin',
      'api',
      'web-1',
      'web-2',
      4,
    ])
    expect(names(await ok('GET', `${IDENTITIES}?offset=1&limit=2`))).toEqual(['api', 'web-1', 4])
    const search = async (said: object) => names(await ok('POST', `${IDENTITIES}/search`, said))
    expect(await search({ search: { name: { $contains: 'WEB' } }, limit: 1 })).toEqual(['web-1', 2])
    expect(await search({ search: { role: 'viewer' } })).toEqual(['api', 1])
    const either = { $or: [{ role: { $in: ['viewer'] } }, { name: { $eq: 'web-2' } }] }
    expect(await search({ search: either, orderDirection: 'desc' })).toEqual(['web-2', 'api', 2])
    expect(await search({ search: { name: 'web', $or: [{ role: 'viewer' }] } })).toEqual([0])
  })

  test('a member that is not known is refused, and a query that is not known too', async () => {
    const { call } = await aManaged()
    const answer = await call('POST', IDENTITIES, { name: 'a', authMethod: 'universal' })
    expect(answer.status).toBe(400)
    expect(bodyOf(answer)['message']).toBe('The input has an unknown member authMethod')
    expect((await call('GET', `${IDENTITIES}?organization=acme`)).status).toBe(400)
  })

  test.each([
    ['no JSON', 'text/plain', 415],
    ['a form', 'application/x-www-form-urlencoded', 415],
  ])('%s is refused', async (_name, type, status) => {
    const { call } = await aManaged()
    expect((await call('POST', IDENTITIES, 'name=a', { 'content-type': type })).status).toBe(status)
  })

  test('an id may come percent-encoded, and no other spelling is found', async () => {
    const { call, clientId, handler, countersign } = await aManaged()
    await countersign
      .asHost('test')
      .projects.ensure({ organization: 'acme', id: 'a:b', name: 'With a colon' })
    const encoded = clientId.replace('_', '%5F')
    expect(handler.owns('GET', `${IDENTITIES}/${encoded}`)).toBe(false)
    expect((await call('GET', '/api/v1/projects/a%3Ab/identities')).status).toBe(200)
    for (const path of ['..', 'a%2fb', 'a;b', '%00', 'a b', '%', '/'])
      expect(handler.owns('GET', `${IDENTITIES}/${path}`)).toBe(false)
  })

  test('whoever holds more than the caller is named in lists, and refused alone', async () => {
    const { as, clientId } = await aManaged()
    const reader = await as({ rules: [{ allow: ['identity:read'] }] })
    const { identities } = await reader.ok('GET', IDENTITIES)
    expect(identities.find((row: { id: string }) => row.id === clientId)).toMatchObject({
      identity: { name: 'admin', restricted: true },
    })
    expect((await reader.call('GET', `${IDENTITIES}/${clientId}`)).status).toBe(403)
  })
})
