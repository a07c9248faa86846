import { describe, expect, test } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import type { Held } from '../support/house.ts'
import {
  aHouse,
  bindTo,
  deniedBy,
  MISSING,
  refusalWords,
  TARGET_EXCEEDS,
} from '../support/house.ts'
import { loggedIn } from '../support/workload.ts'

const organization = 'acme'

/** An identity that manages on its own word. */
async function oneself(held: readonly Held[], secret: { readonly maxUses?: number } = {}) {
  const house = await aHouse()
  const workload = await loggedIn({ engine: house, secret })
  const { id } = workload.identity
  await bindTo(house, { kind: 'identity', id }, held)
  await house.host.authMethods.attach({ organization, identity: id, method: 'token' })
  const token = await house.host.staticTokens.create({ organization, identity: id, name: 't' })
  const manage = house.countersign.as(await workload.authenticate()) as unknown as Management
  return { house, workload, manage, token, id, key: { organization, id: workload.secret.id } }
}

describe.each<[string, Held[]]>([
  ['nothing', []],
  ['everything', [{ role: 'admin' }]],
])('an identity that holds %s', (_what, held) => {
  test('reads itself, its methods, its secrets and its tokens', async () => {
    const { manage, id, token, key } = await oneself(held)
    const owner = { organization, identity: id }
    expect(await manage.identities.get({ organization, id })).toMatchObject({ id })
    expect((await manage.authMethods.list(owner)).items).toHaveLength(2)
    expect(await manage.authMethods.get({ ...owner, method: 'token' })).toMatchObject(owner)
    expect((await manage.clientSecrets.list(owner)).items).toMatchObject([{ id: key.id }])
    expect(await manage.clientSecrets.get(key)).toMatchObject({ id: key.id })
    expect((await manage.staticTokens.list(owner)).items).toMatchObject([{ id: token.id }])
    expect(await manage.staticTokens.get({ organization, id: token.id })).toMatchObject(owner)
  })

  test('rotates its own secret, by the limits that it was given', async () => {
    const { manage, key, workload } = await oneself(held, { maxUses: 5 })
    const successor = await manage.clientSecrets.rotate({ ...key, overlap: 60 })
    expect(successor).toMatchObject({ maxUses: 5, replaces: key.id })
    await workload.login(undefined, successor.clientSecret)
  })

  test.each([
    { maxUses: 100 },
    { maxUses: 1 },
    { ttl: 60 },
    { expiresAt: new Date('2026-04-01') },
    { description: 'mine' },
  ])('rotates its own secret to no other limits, not even %j', async (limits) => {
    const { house, manage, key } = await oneself(held)
    const attempt = () => manage.clientSecrets.rotate({ ...key, ...limits })
    expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
  })

  test('revokes its own secrets and tokens', async () => {
    const { manage, key, token, id, workload } = await oneself(held)
    await manage.staticTokens.revoke({ organization, id: token.id })
    await manage.clientSecrets.revoke({ ...key, keepTokens: true })
    await manage.identities.revokeTokens({ organization, id })
    await expect(workload.authenticate()).rejects.toMatchObject({ code: 'invalid_token' })
  })

  test('changes nothing else of itself', async () => {
    const { house, manage, id, token, key } = await oneself(held)
    const owner = { organization, identity: id }
    const itself = { organization, id }
    const [binding] = (
      await house.host.roleBindings.list({ organization, subject: { identity: id } })
    ).items
    const attempts = [
      () => manage.identities.update({ ...itself, name: 'other' }),
      () => manage.identities.update({ ...itself, metadata: {} }),
      () => manage.identities.update({ ...itself, disabled: true }),
      () => manage.identities.delete(itself),
      () => manage.authMethods.attach({ ...owner, method: 'universal' }),
      () => manage.authMethods.update({ ...owner, method: 'token', policy: { selfRevoke: true } }),
      () => manage.authMethods.detach({ ...owner, method: 'token' }),
      () => manage.clientSecrets.create(owner),
      () => manage.clientSecrets.delete(key),
      () => manage.staticTokens.create({ ...owner, name: 'x' }),
      () => manage.staticTokens.update({ organization, id: token.id, name: 'x' }),
      () => manage.staticTokens.delete({ organization, id: token.id }),
      () => manage.lockouts.clear(owner),
      () => manage.projects.add({ ...owner, project: 'one' }),
      () => manage.projects.remove({ ...owner, project: 'one' }),
      () =>
        manage.roleBindings.create({ organization, subject: { identity: id }, role: 'no-access' }),
      () => manage.roleBindings.delete({ organization, id: binding?.id ?? '' }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(TARGET_EXCEEDS)
  })
})

describe('an identity', () => {
  test('is no other one to itself: what it may do to itself it may to nobody else', async () => {
    const { house, manage } = await oneself([])
    const other = await loggedIn({ engine: house })
    const owner = { organization, identity: other.identity.id }
    const attempts = [
      () => manage.identities.get({ organization, id: owner.identity }),
      () => manage.clientSecrets.list(owner),
      () => manage.clientSecrets.rotate({ organization, id: other.secret.id }),
      () => manage.clientSecrets.revoke({ organization, id: other.secret.id }),
      () => manage.identities.revokeTokens({ organization, id: owner.identity }),
    ]
    for (const attempt of attempts) expect(await refusalWords(house, attempt)).toBe(MISSING)
  })

  test('widens no role that it holds itself, and frees itself of no deny in it', async () => {
    const { house, manage, id } = await oneself([{ rules: [{ allow: ['role:*', 'secret:*'] }] }])
    const rules = [{ allow: ['invoice:read'] }, { deny: ['secret:write'] }] as const
    const named = { organization, slug: 'own', name: 'Own' }
    const role = await house.host.roles.create({ ...named, rules })
    await bindTo(house, { kind: 'identity', id }, [{ role: role.id }])
    const key = { organization, id: role.id }
    const [allow, deny] = rules
    const attempts = [
      () => manage.roles.update({ ...key, rules: [allow] }),
      () => manage.roles.update({ ...key, rules: [deny, { allow: ['invoice:approve'] }] }),
      () => manage.roles.delete({ ...key, unbind: true }),
    ]
    for (const attempt of attempts)
      expect(await deniedBy(house, attempt)).toMatchObject({ reason: 'privilege_boundary' })
  })
})
