import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { aManaged } from '../support/manager.ts'

const WEB = '/api/v1/projects/web'
const MEMBERS = `${WEB}/memberships/identities`

async function aMember(roles: unknown = [{ role: 'viewer' }]) {
  const managed = await aManaged()
  const { identity } = await managed.ok('POST', '/api/v1/identities', { name: 'workload' })
  const path = `${MEMBERS}/${identity.id}`
  const { identityMembership } = await managed.ok('POST', path, { roles })
  return { ...managed, id: identity.id as string, path, membership: identityMembership }
}

const hour = (start: string) => ({
  isTemporary: true,
  temporaryMode: 'relative',
  temporaryRange: '1h',
  temporaryAccessStartTime: start,
})

describe('project memberships', () => {
  test('add an identity with roles, for good and for a while', async () => {
    const { id, membership } = await aMember([
      { role: 'viewer', isTemporary: false },
      { role: 'member', ...hour('2026-03-01T13:00:00Z') },
    ])
    expect(membership).toMatchObject({
      id,
      identityId: id,
      projectId: 'web',
      identity: { id, name: 'workload', orgId: 'acme', projectId: null, authMethods: [] },
    })
    expect(membership.roles).toEqual(
      expect.arrayContaining([
        { id: expect.stringMatching(/^bnd_/), role: 'viewer', isTemporary: false },
        {
          id: expect.stringMatching(/^bnd_/),
          role: 'member',
          isTemporary: true,
          temporaryMode: 'relative',
          temporaryRange: '3600s',
          temporaryAccessStartTime: '2026-03-01T13:00:00.000Z',
          temporaryAccessEndTime: '2026-03-01T14:00:00.000Z',
        },
      ]),
    )
  })

  test('W-12 a role that begins later is not there before', async () => {
    const { countersign, id, advance, path, ok } = await aMember([{ role: 'no-access' }])
    await ok('PATCH', path, { roles: [{ role: 'admin', ...hour('2026-03-01T13:00:00Z') }] })
    await ok('POST', `/api/v1/auth/universal-auth/identities/${id}`, { accessTokenTTL: 7200 })
    const secrets = `/api/v1/auth/universal-auth/identities/${id}/client-secrets`
    const { clientSecret } = await ok('POST', secrets)
    const request = { method: 'universal', identity: id, credential: { clientSecret } } as const
    const can = async () => {
      const { accessToken } = await countersign.login(request, {})
      const principal = await countersign.authenticate(accessToken, {})
      return principal.can('project:read', { project: 'web' })
    }
    expect(await can()).toBe(false)
    advance(3600)
    expect(await can()).toBe(true)
    advance(3600)
    expect(await can()).toBe(false)
  })

  test('are replaced as a whole, shown, listed and taken away', async () => {
    const { ok, call, path, id } = await aMember()
    const { roles } = await ok('PATCH', path, { roles: [{ role: 'admin' }, { role: 'member' }] })
    expect(roles.map(({ role }: { role: string }) => role).toSorted()).toEqual(['admin', 'member'])
    const listed = await ok('GET', `${MEMBERS}?search=work&limit=5`)
    expect(listed).toMatchObject({ identityMemberships: [{ identityId: id }], totalCount: 1 })
    const everywhere = await ok('GET', `/api/v1/identities/${id}/identity-memberships`)
    expect(everywhere).toMatchObject({
      identityMemberships: [{ projectId: 'web', project: { id: 'web', name: 'web' } }],
    })
    await ok('DELETE', path)
    expect((await call('GET', path)).status).toBe(404)
    expect((await call('DELETE', path)).status).toBe(404)
    expect((await call('PATCH', path, { roles: [{ role: 'viewer' }] })).status).toBe(404)
  })

  test('are found by the paths of older clients', async () => {
    const { ok, id } = await aMember()
    for (const path of ['/api/v1/projects/web', '/api/v2/workspace/web'])
      expect(await ok('GET', `${path}/identity-memberships/${id}`)).toMatchObject({
        identityMembership: { identityId: id },
      })
  })

  test('are made once', async () => {
    const { call, path } = await aMember()
    expect((await call('POST', path, {})).status).toBe(409)
  })

  test.each([
    [{ isTemporary: true }, 'roles[0].temporaryRange is required'],
    [
      { ...hour('2026-03-01T13:00:00Z'), temporaryRange: '0h' },
      'roles[0].temporaryRange must be a positive number',
    ],
    [
      { ...hour('2026-03-01T13:00:00Z'), temporaryRange: '-1h' },
      'roles[0].temporaryRange must be a positive duration, like 90s, 15m, 1h or 7d',
    ],
    [
      { ...hour('tomorrow') },
      'roles[0].temporaryAccessStartTime must be an ISO 8601 instant with an offset',
    ],
    [{ temporaryRange: '1h' }, 'roles[0].isTemporary must be true where a range is given'],
  ])('%j is refused', async (window, message) => {
    const { call, path } = await aMember()
    const answer = await call('PATCH', path, { roles: [{ role: 'viewer', ...window }] })
    expect([answer.status, bodyOf(answer)['message']]).toEqual([400, message])
  })
})

describe('identities of a project', () => {
  test('belong to it alone: made, listed, changed and deleted there', async () => {
    const { ok, call } = await aManaged()
    const { identity } = await ok('POST', `${WEB}/identities`, { name: 'native' })
    expect(identity).toMatchObject({ projectId: 'web', orgId: 'acme' })
    const path = `${WEB}/identities/${identity.id}`
    expect(await ok('GET', path)).toMatchObject({ identity: { name: 'native' } })
    expect((await call('GET', path.replace('/web/', '/api/'))).status).toBe(404)
    expect((await ok('PATCH', path, { name: 'renamed' })).identity.name).toBe('renamed')
    expect(await ok('GET', `${WEB}/identities?search=NAMED`)).toMatchObject({ totalCount: 1 })
    await ok('DELETE', path)
    expect((await call('GET', path)).status).toBe(404)
  })

  test('one of the organization is no identity of it, and not deleted by its path', async () => {
    const { call, id } = await aMember()
    expect((await call('DELETE', `${WEB}/identities/${id}`)).status).toBe(404)
  })

  test('an unknown project is not there', async () => {
    const { call } = await aManaged()
    for (const path of ['identities', 'memberships/identities'])
      expect((await call('GET', `/api/v1/projects/nowhere/${path}`)).status).toBe(404)
  })
})
