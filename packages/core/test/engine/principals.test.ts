import { describe, expect, test } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import type { Principal } from '../../src/model/permission/principal.ts'
import { anEngine } from '../support/engine.ts'
import { loggedIn } from '../support/workload.ts'

const user = { user: 'u_42', organization: 'acme' }

/** Each verb of the surface, with something that it would take from the host. */
function everyVerb(management: Management, identity: string): readonly (() => Promise<unknown>)[] {
  const organization = 'acme'
  const key = { organization, id: identity }
  const method = { organization, identity, method: 'universal' } as const
  const { projects, identities, authMethods, clientSecrets, lockouts } = management
  return [
    () => projects.create({ organization, name: 'New' }),
    () => projects.list({ organization }),
    () => projects.get({ organization, id: 'web' }),
    () => projects.delete({ organization, id: 'web' }),
    () => identities.create({ organization, name: 'New' }),
    () => identities.ensure({ organization, name: 'New', slug: 'new' }),
    () => identities.get(key),
    () => identities.list({ organization }),
    () => identities.update({ ...key, disabled: true }),
    () => identities.revokeTokens(key),
    () => identities.delete(key),
    () => authMethods.attach(method),
    () => authMethods.get(method),
    () => authMethods.list({ organization, identity }),
    () => authMethods.update({ ...method, lockout: 'off' }),
    () => authMethods.detach(method),
    () => clientSecrets.create({ organization, identity }),
    () => clientSecrets.list({ organization, identity }),
    () => clientSecrets.revoke({ organization, id: 'csc_x' }),
    () => clientSecrets.delete({ organization, id: 'csc_x' }),
    () => lockouts.list({ organization }),
    () => lockouts.clear({ organization, identity }),
  ]
}

describe('as()', () => {
  test('allows a principal nothing, tells it what is missing, and changes nothing', async () => {
    const { countersign, authenticate, recorded, host } = await loggedIn()
    const { identity } = await host.identities.create({ organization: 'acme', name: 'other' })
    for (const principal of [await authenticate(), countersign.principalFor(user)]) {
      const before = (await recorded()).length
      const verbs = everyVerb(countersign.as(principal), identity.id)
      for (const attempt of verbs) {
        const error = await attempt().catch((reason: unknown) => reason)
        expect(error).toMatchObject({ code: 'permission_denied', reason: 'forbidden' })
        expect((error as { details: unknown }).details).toMatchObject({
          refusal: 'missing_permission',
          permission: expect.stringMatching(/^[a-z-]+:[a-z]+$/),
          scope: { organization: expect.any(String) },
        })
      }
      const noted = (await recorded()).slice(before)
      expect(noted.map(({ type }) => type)).toEqual(verbs.map(() => 'permission.denied'))
    }
  })

  test('names the permission and the scope of what was asked', async () => {
    const { countersign } = anEngine()
    const { clientSecrets, projects } = countersign.as(countersign.principalFor(user))
    await expect(
      clientSecrets.create({ organization: 'acme', identity: 'idn_x' }),
    ).rejects.toMatchObject({
      message: 'A permission for this is missing',
      details: { permission: 'credential:create', scope: { organization: 'acme' } },
    })
    await expect(projects.get({ organization: 'acme', id: 'web' })).rejects.toMatchObject({
      details: { permission: 'project:read', scope: { organization: 'acme', project: 'web' } },
    })
  })

  test('reads what is said before it asks whether it is allowed', async () => {
    const { countersign } = anEngine()
    const { identities } = countersign.as(countersign.principalFor(user))
    const attempt = identities.create({ organization: 'acme', name: '' })
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('throws a TypeError for what this engine did not answer', async () => {
    const { countersign, authenticate } = await loggedIn()
    const ours = await authenticate()
    const foreign = anEngine().countersign.principalFor(user)
    const copies: unknown[] = [{ ...ours }, structuredClone(ours), Object.create(ours), foreign]
    for (const principal of [...copies, undefined, null, 'u_42', {}])
      expect(() => countersign.as(principal as Principal)).toThrow(TypeError)
  })

  test('reaches no key of the deployment', () => {
    const { countersign, host } = anEngine()
    const management = countersign.as(countersign.principalFor(user))
    const names = Object.keys(host).filter((name) => !(name in management))
    expect(names).toEqual(['organizations', 'signingKeys', 'rootKeys'])
  })
})

describe('principalFor()', () => {
  test('vouches for a user of the host, frozen', () => {
    const principal = anEngine().countersign.principalFor(user)
    expect(principal).toEqual({ kind: 'user', ...user })
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test.each([
    {},
    { user: 'u' },
    { user: '', organization: 'acme' },
    { user: 1, organization: 'acme' },
    { user: 'u'.repeat(257), organization: 'acme' },
    { ...user, admin: true },
    null,
  ])('refuses %j', (claim) => {
    const { countersign } = anEngine()
    expect(() => countersign.principalFor(claim as never)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })
})

describe('asHost()', () => {
  test('puts its label into the event of every change', async () => {
    const { countersign, recorded } = anEngine()
    await countersign.asHost('nightly rotation').organizations.create({ id: 'acme', name: 'Acme' })
    expect(await recorded()).toMatchObject([
      { type: 'organization.created', actor: { kind: 'host', label: 'nightly rotation' } },
    ])
  })

  test.each(['', ' ', '\n\t', 'l'.repeat(129), undefined, null, 1, {}])(
    'throws a TypeError for the label %j',
    (label) => {
      const { countersign } = anEngine()
      expect(() => countersign.asHost(label as never)).toThrow(TypeError)
    },
  )

  test('takes a label of 128 characters', () => {
    expect(() => anEngine().countersign.asHost('l'.repeat(128))).not.toThrow()
  })
})
