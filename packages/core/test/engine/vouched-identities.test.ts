import { describe, expect, test } from 'vitest'
import { aHouse, canOf, errorOf } from '../support/house.ts'

const organization = 'acme'
const secret = { project: 'one', environment: 'prod', path: '/a' }

/** An identity that logs in by nothing, and a claim about it. */
async function aKeyHolder(role = 'no-access') {
  const house = await aHouse()
  const { identity } = await house.host.identities.create({ organization, name: 'old key', role })
  const claim = { identity: identity.id, organization }
  return { ...house, identity, claim, vouch: () => house.countersign.principalFor(claim) }
}

describe('principalFor({ identity })', () => {
  test('answers a frozen principal that is this identity, and no login', async () => {
    const { identity, vouch, clock } = await aKeyHolder()
    const principal = await vouch()
    expect(principal).toEqual({
      kind: 'identity',
      organization,
      identity: identity.id,
      name: 'old key',
      metadata: {},
      method: 'vouched for',
      session: identity.id,
      loggedInAt: clock.now(),
    })
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test('may what its stored bindings say, and hears of a change', async () => {
    const { host, identity, vouch } = await aKeyHolder()
    const principal = await vouch()
    expect(canOf(principal, 'secret:read', secret)).toBe(false)
    const held = { organization, project: 'one', identity: identity.id }
    await host.projects.add({ ...held, roles: ['member'] })
    expect(canOf(principal, 'secret:read', secret)).toBe(true)
    expect(canOf(principal, 'secret:read', { ...secret, project: 'two' })).toBe(false)
    await host.projects.remove(held)
    expect(canOf(principal, 'secret:read', secret)).toBe(false)
  })

  test('takes no bindings on the word of the host: a workload holds what is stored', async () => {
    const { countersign, claim } = await aKeyHolder()
    const more = { ...claim, bindings: [{ role: 'admin' }] } as never
    expect(await errorOf(async () => countersign.principalFor(more))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test.each([
    ['a user beside it', { user: 'u' }],
    ['an id that is none', { identity: 7 }],
    ['an unknown member', { admin: true }],
  ])('refuses a claim with %s', async (_what, more) => {
    const { countersign, claim } = await aKeyHolder()
    const wrong = { ...claim, ...more } as never
    expect(await errorOf(async () => countersign.principalFor(wrong))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('refuses an identity that is disabled, deleted or of another organization alike', async () => {
    const { countersign, host, claim, vouch } = await aKeyHolder()
    const key = { organization, id: claim.identity }
    await host.organizations.ensure({ id: 'globex', name: 'Globex' })
    const elsewhere = { ...claim, organization: 'globex' }
    const answers = [await errorOf(() => countersign.principalFor(elsewhere))]
    await host.identities.update({ ...key, disabled: true })
    answers.push(await errorOf(vouch))
    await host.identities.delete(key)
    answers.push(await errorOf(vouch))
    expect(answers).toMatchObject([
      { code: 'invalid_credential', reason: 'unknown_client' },
      { code: 'invalid_credential', reason: 'identity_disabled' },
      { code: 'invalid_credential', reason: 'unknown_client' },
    ])
    expect(new Set(answers.map((error) => (error as Error).message)).size).toBe(1)
  })

  test('manages within its boundary, and the trail names it', async () => {
    const { countersign, identity, vouch, recorded } = await aKeyHolder('admin')
    const { identities } = countersign.as(await vouch())
    const made = await identities.create({ organization, name: 'more', role: 'viewer' })
    const [event] = (await recorded()).filter(({ target }) => target.id === made.identity.id)
    expect(event).toMatchObject({ actor: { kind: 'identity', id: identity.id } })
    const itself = { organization, id: identity.id, role: 'viewer' } as const
    expect(await errorOf(() => identities.update(itself))).toMatchObject({
      code: 'permission_denied',
    })
  })

  test('manages nothing any more once its identity is disabled or deleted', async () => {
    const { countersign, host, claim, vouch } = await aKeyHolder('admin')
    const { identities } = countersign.as(await vouch())
    const key = { organization, id: claim.identity }
    const list = () => identities.list({ organization })
    await host.identities.update({ ...key, disabled: true })
    expect(await errorOf(list)).toMatchObject({
      code: 'invalid_token',
      reason: 'identity_disabled',
    })
    await host.identities.update({ ...key, disabled: false })
    expect((await list()).items).toHaveLength(1)
    await host.identities.delete(key)
    expect(await errorOf(list)).toMatchObject({ code: 'invalid_token', reason: 'identity_gone' })
  })

  test('is watched until its identity is taken away', async () => {
    const { countersign, host, claim, vouch } = await aKeyHolder()
    const end = countersign.watch(await vouch(), new AbortController().signal)
    await host.identities.update({ organization, id: claim.identity, disabled: true })
    expect(await end).toBe('revoked')
  })

  test('is unavailable while the storage is, never refused', async () => {
    const house = await aHouse({
      around: (storage) => ({
        ...storage,
        identities: {
          ...storage.identities,
          find: () => Promise.reject(new Error('connection refused')),
        },
      }),
    })
    const claim = { identity: 'idn_00000000000000000000000000', organization }
    expect(await errorOf(() => house.countersign.principalFor(claim))).toMatchObject({
      code: 'unavailable',
    })
  })
})
