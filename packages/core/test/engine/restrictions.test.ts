import { describe, expect, test } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import { parseJwt } from '../../src/lib/jwt.ts'
import type { Grant } from '../../src/model/grant.ts'
import { aHouse, allowing, bindTo, canOf, refusalWords } from '../support/house.ts'
import { HOME, loggedIn } from '../support/workload.ts'

const organization = 'acme'
const secret = { project: 'one', environment: 'prod', path: '/x' }
const NEVER_MORE = { code: 'invalid_request', reason: 'invalid_scope' }

/** A workload that may read and write secrets, and manage a little. */
async function holding(...allow: readonly string[]) {
  const house = await aHouse()
  const workload = await loggedIn({ engine: house, tokenPolicy: { ttl: 600, maxTtl: 3600 } })
  const { countersign, canaries } = house
  await bindTo(house, { kind: 'identity', id: workload.identity.id }, [allowing(...allow)])
  const exchange = async (token: string, ...permissions: readonly string[]): Promise<Grant> => {
    const grant = await countersign.exchange(token, HOME, { permissions })
    canaries.add(grant.accessToken)
    return grant
  }
  const allowed = async (token: string): Promise<readonly string[]> => {
    const principal = await countersign.authenticate(token, HOME)
    return ['secret:read', 'secret:write'].filter((one) => canOf(principal, one, secret))
  }
  return { ...workload, house, exchange, allowed }
}

const claimsIn = (token: string) => parseJwt(token)?.claims ?? {}

describe('exchange()', () => {
  test('answers a token of the same login that does what was asked for and nothing else', async () => {
    const { accessToken, exchange, allowed, grant } = await holding('secret:*')
    const narrow = await exchange(accessToken, 'secret:read')
    expect(narrow).toMatchObject({ session: grant.session, permissions: ['secret:read'] })
    expect(claimsIn(narrow.accessToken)).toMatchObject({ prm: ['secret:read'] })
    expect(await allowed(narrow.accessToken)).toEqual(['secret:read'])
    expect(await allowed(accessToken)).toEqual(['secret:read', 'secret:write'])
  })

  test('grants nothing: what the identity does not hold stays refused', async () => {
    const { accessToken, exchange, allowed } = await holding('secret:read')
    const narrow = await exchange(accessToken, 'secret:write')
    expect(await allowed(narrow.accessToken)).toEqual([])
  })

  test.each([
    ['a permission beside', 'secret:write'],
    ['the wildcard above', 'secret:*'],
    ['everything', '*'],
    ['a word of no vocabulary', 'secret:fly'],
    ['a resource of no vocabulary', 'moon:*'],
    ['no word', ''],
  ])('never widens a restricted token by %s', async (_what, wanted) => {
    const { accessToken, exchange, house } = await holding('secret:*')
    const narrow = (await exchange(accessToken, 'secret:read')).accessToken
    await expect(exchange(narrow, 'secret:read', wanted)).rejects.toMatchObject(NEVER_MORE)
    const options = { permissions: [wanted] }
    const renewal = house.countersign.renew(narrow, HOME, options)
    await expect(renewal).rejects.toMatchObject(NEVER_MORE)
  })

  test('keeps the restriction where nothing is asked for, in a renewal too', async () => {
    const { accessToken, exchange, renew, allowed, house } = await holding('secret:*')
    const narrow = (await exchange(accessToken, 'secret:read')).accessToken
    const renewed = (await renew(narrow)).accessToken
    const exchanged = (await house.countersign.exchange(narrow, HOME)).accessToken
    for (const token of [renewed, exchanged]) {
      expect(claimsIn(token)).toMatchObject({ prm: ['secret:read'] })
      expect(await allowed(token)).toEqual(['secret:read'])
    }
  })

  test('gives no longer a life than the token had left, and ends with the login', async () => {
    const { accessToken, exchange, clock, revoke, grant, house } = await holding('secret:*')
    clock.advance(400)
    const narrow = await exchange(accessToken, 'secret:read')
    expect(narrow.expiresIn).toBe(200)
    expect(narrow.expiresAt).toEqual(grant.expiresAt)
    await revoke()
    const late = house.countersign.authenticate(narrow.accessToken, HOME)
    await expect(late).rejects.toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
  })

  test('records what was exchanged, and refuses a token that is dead', async () => {
    const { accessToken, exchange, recorded, revoke, grant } = await holding('secret:*')
    await exchange(accessToken, 'secret:read')
    const told = (await recorded()).filter(({ type }) => type === 'token.exchanged')
    expect(told).toMatchObject([{ target: { kind: 'token', id: grant.session } }])
    await revoke()
    await expect(exchange(accessToken, 'secret:read')).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })
})

describe('login() with permissions', () => {
  const loginTo =
    ({ house, identity, secret: { clientSecret } }: Awaited<ReturnType<typeof holding>>) =>
    (permissions: readonly string[]) =>
      house.countersign.login(
        { method: 'universal', identity: identity.id, credential: { clientSecret } },
        HOME,
        { permissions },
      )

  test('answers a token that is restricted from the start, as introspection tells', async () => {
    const workload = await holding('secret:*')
    const { accessToken } = await loginTo(workload)(['secret:read', 'secret:read'])
    workload.canaries.add(accessToken)
    expect(claimsIn(accessToken)).toMatchObject({ prm: ['secret:read'] })
    expect(await workload.allowed(accessToken)).toEqual(['secret:read'])
    const told = await workload.house.countersign.introspect(accessToken)
    expect(told).toMatchObject({ active: true, scope: 'secret:read' })
  })

  test.each([
    [[]],
    [['secret:fly']],
    [[1]],
    ['secret:read'],
    [
      Array(65)
        .fill('secret:read')
        .map((w, i) => w + i),
    ],
  ])('refuses %j, and takes no use for it', async (wanted) => {
    const workload = await holding('secret:*')
    const login = loginTo(workload)(wanted as never)
    await expect(login).rejects.toMatchObject(NEVER_MORE)
  })
})

describe('a restricted token', () => {
  const manageWith = async (
    { house, accessToken, exchange }: Awaited<ReturnType<typeof holding>>,
    ...permissions: readonly string[]
  ) => {
    const { accessToken: narrow } = await exchange(accessToken, ...permissions)
    const principal = await house.countersign.authenticate(narrow, HOME)
    return house.countersign.as(principal) as unknown as Management
  }

  test('manages within its restriction, and grants nothing beyond it', async () => {
    const workload = await holding('*')
    const manage = await manageWith(workload, 'binding:create', 'secret:read')
    const { identity: other } = await workload.host.identities.create({ organization, name: 'o' })
    const bind = (...allow: string[]) =>
      manage.roleBindings.create({
        organization,
        subject: { identity: other.id },
        ...allowing(...allow),
      } as never)
    await bind('secret:read')
    await expect(bind('secret:write')).rejects.toMatchObject({ code: 'permission_denied' })
    await expect(bind('*')).rejects.toMatchObject({ code: 'permission_denied' })
    const create = manage.identities.create({ organization, name: 'x' })
    await expect(create).rejects.toMatchObject({ code: 'permission_denied' })
  })

  test('mints no credential of its own, which would have no restriction', async () => {
    const workload = await holding('*')
    const key = { organization, id: workload.secret.id }
    for (const words of [['secret:read'], ['credential:create'], ['*']]) {
      const manage = await manageWith(workload, ...words)
      const attempt = () => manage.clientSecrets.rotate(key)
      expect(await refusalWords(workload.house, attempt)).toContain('missing_permission')
    }
    const principal = await workload.authenticate()
    const whole = workload.house.countersign.as(principal) as unknown as Management
    await whole.clientSecrets.rotate(key)
  })

  test('does to itself only what it names', async () => {
    const workload = await holding('*')
    const itself = { organization, id: workload.identity.id }
    const blind = await manageWith(workload, 'secret:read')
    await expect(blind.identities.get(itself)).rejects.toMatchObject({ code: 'permission_denied' })
    const reading = await manageWith(workload, 'identity:read')
    await expect(reading.identities.get(itself)).resolves.toMatchObject({ id: itself.id })
  })
})
