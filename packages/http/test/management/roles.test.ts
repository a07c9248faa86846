import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { aManaged } from '../support/manager.ts'

const ROLES = '/api/v1/projects/web/roles'
const ORG_ROLES = '/api/v1/organization/acme/roles'
const PRIVILEGES = '/api/v2/identity-project-additional-privilege'

const permissions = [
  {
    subject: 'secret',
    action: ['read', 'write'],
    conditions: {
      environment: { $in: ['dev', '{{identity.metadata.stage}}'], $ne: 'prod' },
      path: { $glob: '/apps/**' },
    },
  },
  { subject: 'secret', action: ['write'], inverted: true, conditions: { path: '/apps/locked' } },
]

describe('custom roles', () => {
  test('are made, shown, found by slug, changed and deleted', async () => {
    const { ok, call } = await aManaged()
    const { role } = await ok('POST', ROLES, { slug: 'reader', name: 'Reader', permissions })
    expect(role).toMatchObject({ slug: 'reader', projectId: 'web', permissions })
    expect((await ok('GET', `${ROLES}/${role.id}`)).role).toEqual(role)
    expect((await ok('GET', `${ROLES}/slug/reader`)).role).toEqual(role)
    const changed = await ok('PATCH', `${ROLES}/${role.id}`, {
      name: 'Writer',
      permissions: [{ subject: 'secret', action: 'write' }],
    })
    expect(changed.role).toMatchObject({
      name: 'Writer',
      permissions: [{ subject: 'secret', action: ['write'] }],
    })
    await ok('DELETE', `${ROLES}/${role.id}`)
    expect((await call('GET', `${ROLES}/${role.id}`)).status).toBe(404)
  })

  test('are listed beside those in code, of the organization in a wrapping of its own', async () => {
    const { ok } = await aManaged()
    await ok('POST', ORG_ROLES, {
      slug: 'billing',
      name: 'Billing',
      permissions: [{ subject: 'invoice', action: '*' }],
    })
    const { data } = await ok('GET', ORG_ROLES)
    const slugs = data.roles.map(({ slug }: { slug: string }) => slug)
    expect(slugs).toEqual(['admin', 'member', 'viewer', 'no-access', 'billing'])
    expect((await ok('GET', ROLES)).roles).toHaveLength(4)
  })

  test('a role of one scope is not there in another', async () => {
    const { ok, call } = await aManaged()
    const { role } = await ok('POST', ORG_ROLES, { slug: 'a', name: 'A', permissions: [] })
    for (const path of [ROLES, '/api/v1/organization/globex/roles'])
      expect((await call('GET', `${path}/${role.id}`)).status).toBe(404)
  })

  test('are held by name, and shown as custom', async () => {
    const { ok, call } = await aManaged()
    const { role } = await ok('POST', ROLES, { slug: 'reader', name: 'Reader', permissions })
    const { identity } = await ok('POST', '/api/v1/identities', { name: 'a' })
    const member = `/api/v1/projects/web/memberships/identities/${identity.id}`
    const { identityMembership } = await ok('POST', member, { role: 'reader' })
    expect(identityMembership.roles).toEqual([
      {
        id: expect.any(String),
        role: 'custom',
        customRoleId: role.id,
        customRoleName: 'Reader',
        customRoleSlug: 'reader',
        isTemporary: false,
      },
    ])
    expect((await call('DELETE', `${ROLES}/${role.id}`)).status).toBe(409)
  })

  test.each([
    [[{ subject: 'secret', action: 'fly' }], /^permissions\[0\]/],
    [[{ subject: 'nothing', action: 'read' }], /^permissions\[0\]/],
    [
      [{ subject: 'secret', action: 'read', conditions: { path: { $regex: '.*' } } }],
      /^permissions\[0\]\.conditions/,
    ],
    [
      [{ subject: 'secret', action: 'read', conditions: { path: {} } }],
      /^permissions\[0\]\.conditions/,
    ],
    [[{ subject: 'secret', action: 'read', conditions: { colour: 'red' } }], /^permissions\[0\]/],
  ])('%j is refused', async (said, message) => {
    const { call } = await aManaged()
    const answer = await call('POST', ROLES, { slug: 'a', name: 'A', permissions: said })
    expect([answer.status, bodyOf(answer)['message']]).toEqual([
      400,
      expect.stringMatching(message),
    ])
  })

  test('ESC-001 nobody makes a role that exceeds what the caller holds', async () => {
    const { as } = await aManaged()
    const { call } = await as({ rules: [{ allow: ['role:*'] }] })
    const answer = await call('POST', ROLES, { slug: 'a', name: 'A', permissions })
    expect(answer.status).toBe(403)
    expect(bodyOf(answer)).toMatchObject({ details: { refusal: 'role_exceeds' } })
  })
})

describe('additional privileges', () => {
  test('are given for a while, changed under their id, listed and taken away', async () => {
    const { ok, call } = await aManaged()
    const { identity } = await ok('POST', '/api/v1/identities', { name: 'a' })
    const type = {
      isTemporary: true,
      temporaryMode: 'relative',
      temporaryRange: '30m',
      temporaryAccessStartTime: '2026-03-01T12:00:00Z',
    }
    const wanted = { identityId: identity.id, projectId: 'web', permissions, type }
    const { privilege } = await ok('POST', PRIVILEGES, wanted)
    expect(privilege).toMatchObject({
      identityId: identity.id,
      projectId: 'web',
      permissions,
      isTemporary: true,
      temporaryAccessEndTime: '2026-03-01T12:30:00.000Z',
    })
    const path = `${PRIVILEGES}/${privilege.id}`
    const fewer = [{ subject: 'secret', action: ['read'] }]
    const changed = await ok('PATCH', path, { permissions: fewer })
    expect(changed.privilege).toMatchObject({
      id: privilege.id,
      permissions: fewer,
      isTemporary: true,
    })
    const forGood = await ok('PATCH', path, { type: { isTemporary: false } })
    expect(forGood.privilege).toMatchObject({ permissions: fewer, isTemporary: false })
    const query = `?identityId=${identity.id}&projectId=web`
    expect((await ok('GET', `${PRIVILEGES}${query}`)).privileges).toEqual([forGood.privilege])
    await ok('DELETE', path)
    expect((await call('GET', path)).status).toBe(404)
  })

  test('of the organization are kept apart from those of its projects', async () => {
    const { ok, call } = await aManaged()
    const { identity } = await ok('POST', '/api/v1/identities', { name: 'a' })
    const path = '/api/v2/identity-org-additional-privilege'
    const wanted = {
      identityId: identity.id,
      permissions: [{ subject: 'invoice', action: 'read' }],
    }
    const { privilege } = await ok('POST', path, wanted)
    expect(privilege.projectId).toBeNull()
    expect((await call('GET', `${PRIVILEGES}/${privilege.id}`)).status).toBe(404)
    expect((await call('POST', path, { ...wanted, projectId: 'web' })).status).toBe(400)
    const { privileges } = await ok('GET', `${path}?identityId=${identity.id}`)
    expect(privileges).toHaveLength(1)
  })
})

describe('the audit trail', () => {
  test('lists what happened, the newest first, and by whom', async () => {
    const { ok, countersign, clientId } = await aManaged()
    await ok('POST', '/api/v1/identities', { name: 'a' })
    await countersign.maintain()
    const path = '/api/v1/organization/audit-logs'
    const { auditLogs } = await ok('GET', `${path}?eventType=identity.created&limit=1`)
    expect(auditLogs).toMatchObject([
      {
        orgId: 'acme',
        actor: { type: 'identity', metadata: { id: clientId } },
        event: { type: 'identity.created' },
        createdAt: '2026-03-01T12:00:00.000Z',
      },
    ])
    const page = await ok('GET', `${path}?offset=1&limit=2&startDate=2026-03-01T00:00:00Z`)
    expect(page.auditLogs).toHaveLength(2)
  })
})
