import { describe, expect, test } from 'vitest'
import type { Source } from '../../src/model/source.ts'
import { anEngine } from '../support/engine.ts'
import { createGate, flood, rounds } from '../support/gate.ts'
import { aHouse, allowing, anActor, KINDS, MISSING, refusalWords } from '../support/house.ts'
import { withGatedLogins } from '../support/races.ts'
import { faceOf } from '../support/refusal.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, ELSEWHERE, HOME, loginAs, WRONG } from '../support/workload.ts'

/** Fails so many times, each a refusal like any other. */
async function fail({ refused }: Workload, times: number, from: Source = HOME): Promise<void> {
  for (let count = 0; count < times; count += 1)
    expect((await refused(from)).code).toBe('invalid_credential')
}

describe('login() under guessing', () => {
  test('LCK-001 locks with the third failure, for the right secret too', async () => {
    const workload = await aWorkload({ lockout: { threshold: 3, window: 30, duration: 300 } })
    await fail(workload, 3)
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error).toMatchObject({ code: 'locked_out', reason: 'too_many_attempts' })
    expect(error.retryAfter).toBe(300)
    workload.clock.advance(299.5)
    expect((await workload.refused()).retryAfter).toBe(1)
  })

  test('LCK-002 grants nothing once the lock stands, wherever the right one is among 200', async () => {
    for (let round = 0; round < rounds(8, 100); round += 1) {
      const gate = createGate(round % 2 === 0 ? 200 : 0)
      const engine = anEngine({ around: (storage) => withGatedLogins(storage, gate) })
      const workload = await aWorkload({ engine })
      const right = Math.floor((round * 199) / rounds(8, 100))
      const outcomes = await flood(200, (index) =>
        workload.login(HOME, index === right ? workload.secret.clientSecret : WRONG),
      )
      const types = (await workload.recorded()).map(({ type }) => type)
      const granted = outcomes.filter(({ status }) => status === 'fulfilled').length
      expect(types.filter((type) => type === 'login.granted').length).toBe(granted)
      expect(types.filter((type) => type === 'lockout.started').length).toBe(1)
      expect(types.lastIndexOf('login.granted')).toBeLessThan(types.indexOf('lockout.started'))
      const [lock] = await workload.host.lockouts.list({ organization: 'acme' })
      expect(lock?.counter).toMatchObject({ locked: true, failures: 3 })
      expect(outcomes.map(waitOf).filter((wait) => wait === 'none')).toEqual([])
    }
  })

  test('LCK-003 grants all of 100 right logins at once, and takes no lock', async () => {
    const gate = createGate(100)
    const engine = anEngine({ around: (storage) => withGatedLogins(storage, gate) })
    const workload = await aWorkload({ engine })
    const outcomes = await flood(100, () => workload.login())
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(100)
    expect(await workload.host.lockouts.list({ organization: 'acme' })).toEqual([])
  })

  test('LCK-005 writes nothing for unknown ids, however many are tried', async () => {
    const engine = anEngine()
    await aWorkload({ engine })
    const before = (await engine.recorded()).length
    engine.calls.forget()
    for (let index = 0; index < rounds(2_000, 200_000); index += 1)
      await expect(loginAs(engine, `nobody-${index}`, WRONG)).rejects.toMatchObject({
        reason: 'unknown_client',
      })
    expect(new Set(engine.calls.verbs())).toEqual(new Set(['logins.find']))
    expect((await engine.recorded()).length).toBe(before)
  })

  test('LCK-007 ends on time on every node', async () => {
    const workload = await aWorkload()
    const nodes = [workload, anEngine({ beside: workload }), anEngine({ beside: workload })]
    const { id } = workload.identity
    const { clientSecret } = workload.secret
    await fail(workload, 3)
    workload.clock.advance(299.9)
    for (const node of nodes)
      await expect(loginAs(node, id, clientSecret)).rejects.toMatchObject({ code: 'locked_out' })
    workload.clock.advance(0.2)
    for (const node of nodes)
      await expect(loginAs(node, id, clientSecret)).resolves.toMatchObject({ identity: id })
  })

  test('LCK-008 lets nobody outside the allow-list lock those inside', async () => {
    const workload = await aWorkload({
      tokenPolicy: { trustedSources: { credential: ['10.0.0.0/8'] } },
    })
    for (let count = 0; count < 1000; count += 1)
      await expect(workload.login(ELSEWHERE, WRONG)).rejects.toThrow()
    expect(await workload.host.lockouts.list({ organization: 'acme' })).toEqual([])
    await expect(workload.login({ address: '10.1.1.1' })).resolves.toMatchObject({
      tokenType: 'Bearer',
    })
  })

  test('LCK-010 counts an IPv6 network as one source, and all strangers together', async () => {
    const workload = await aWorkload()
    const { refused, secret } = workload
    for (const host of ['::1', ':a:b:c:d', ':ffff:ffff:ffff:ffff'])
      await fail(workload, 1, { address: `2001:db8:1:2${host}` })
    const error = await refused({ address: '2001:db8:1:2::99' }, secret.clientSecret)
    expect(error.code).toBe('locked_out')
  })

  test('LCK-010 knows a source by its IPv6 network, whatever address of it comes', async () => {
    const workload = await aWorkload()
    await workload.login({ address: '2001:db8:1:2::1' })
    await fail(workload, 3, { address: '2001:db8:9:9::1' })
    await expect(workload.login({ address: '2001:db8:1:2::2' })).resolves.toBeDefined()
    expect((await workload.refused({ address: '2001:db8:1:3::1' })).code).toBe('locked_out')
  })

  test('LCK-011 ends at 0 or 1 when a right and a wrong login meet after two failures', async () => {
    for (let round = 0; round < rounds(50, 500); round += 1) {
      const gate = createGate(2)
      const engine = anEngine({ around: (storage) => withGatedLogins(storage, gate, 2) })
      const workload = await aWorkload({ engine, lockout: { threshold: 10, scope: 'identity' } })
      await fail(workload, 2)
      const [wrong, right] = [WRONG, workload.secret.clientSecret]
      const pair = round % 2 === 0 ? [wrong, right] : [right, wrong]
      await flood(2, (index) => workload.login(HOME, pair[index]))
      const state = await workload.storage.logins.find(
        { identity: workload.identity.id, method: 'universal', source: 'any', digests: [] },
        workload.clock.now(),
      )
      expect(state?.counters.everybody?.failures ?? 0).toBeLessThanOrEqual(1)
    }
  })

  test('LCK-012 unlocks at once on every node when lockout is switched off, and says so', async () => {
    const workload = await aWorkload()
    const { key, host, identity, secret } = workload
    const other = anEngine({ beside: workload })
    await fail(workload, 3)
    expect(await host.lockouts.list({ organization: 'acme' })).toHaveLength(1)
    await host.authMethods.update({ ...key, method: 'universal', lockout: 'off' })
    expect(await other.host.lockouts.list({ organization: 'acme' })).toEqual([])
    await expect(loginAs(other, identity.id, secret.clientSecret)).resolves.toBeDefined()
    await host.authMethods.update({ ...key, method: 'universal', lockout: { threshold: 3 } })
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('LCK-013 clears a lock for nobody without a permission, nor from another organization', async () => {
    const workload = await aWorkload()
    const { host, countersign, identity } = workload
    await host.organizations.create({ id: 'other', name: 'Other' })
    await fail(workload, 3)
    const user = countersign.principalFor({ user: 'u1', organization: 'acme' })
    const clear = { organization: 'acme', identity: identity.id }
    await expect(countersign.as(user).lockouts.clear(clear)).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'forbidden',
    })
    await expect(host.lockouts.clear({ ...clear, organization: 'other' })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await host.lockouts.list({ organization: 'acme' })).toHaveLength(1)
    expect(await host.lockouts.clear(clear)).toEqual({ cleared: 1 })
    expect((await workload.recorded()).at(-1)).toMatchObject({
      type: 'lockout.cleared',
      actor: { kind: 'host', label: 'test' },
    })
  })
})

describe('login() from outside an allow-list', () => {
  test.each([{}, 'off', { threshold: 1 }, { threshold: 30 }, { scope: 'identity' }] as const)(
    'answers in the same sequence as at an unknown id when lockout is %j',
    async (lockout) => {
      const tokenPolicy = { trustedSources: { credential: ['10.0.0.0/8'] } }
      const workload = await aWorkload({ lockout, tokenPolicy })
      const { clientSecret } = workload.secret
      const outside: string[] = []
      const unknown: string[] = []
      for (let count = 0; count < 6; count += 1) {
        const known = workload.login(ELSEWHERE, count % 2 === 0 ? clientSecret : WRONG)
        outside.push(await known.then(String, faceOf))
        unknown.push(await loginAs(workload, 'nobody', WRONG, ELSEWHERE).then(String, faceOf))
        workload.clock.advance(1)
      }
      expect(outside).toEqual(unknown)
      expect(outside.filter((face) => face.includes('locked_out')).length).toBe(3)
    },
  )
})

/** How long a caller who is locked out is told to wait, or that nobody told it. */
function waitOf(outcome: PromiseSettledResult<unknown>): unknown {
  if (outcome.status === 'fulfilled' || outcome.reason.code !== 'locked_out') return 'no lock'
  return outcome.reason.retryAfter ?? 'none'
}

describe.each(KINDS)('lockouts.clear() by %s', (kind) => {
  test('LCK-013 needs the permission, and is recorded in the name of whoever holds it', async () => {
    const house = await aHouse()
    const workload = await aWorkload({ engine: house, lockout: { threshold: 1 } })
    await fail(workload, 1)
    const query = { organization: 'acme', identity: workload.identity.id }
    const clerk = await anActor(house, kind, [allowing('identity:read', 'identity:update')])
    expect(await refusalWords(house, () => clerk.manage.lockouts.clear(query))).toBe(MISSING)
    expect(await clerk.manage.lockouts.list({ organization: 'acme' })).toHaveLength(1)
    expect(await workload.refused(HOME, workload.secret.clientSecret)).toMatchObject({
      code: 'locked_out',
    })
    const warden = await anActor(house, kind, [allowing('identity:unlock')])
    expect(await warden.manage.lockouts.clear(query)).toEqual({ cleared: 1 })
    expect((await house.recorded()).at(-1)).toMatchObject({
      type: 'lockout.cleared',
      actor: warden.subject,
    })
    await workload.login()
  })

  test('LCK-013 finds nobody of another organization, and leaves the lock', async () => {
    const house = await aHouse()
    const given = { engine: house, organization: 'other', lockout: { threshold: 1 } }
    const workload = await aWorkload(given)
    await fail(workload, 1)
    const { manage } = await anActor(house, kind, [{ role: 'admin' }])
    for (const organization of ['acme', 'other']) {
      const query = { organization, identity: workload.identity.id }
      await expect(manage.lockouts.clear(query)).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(await house.host.lockouts.list({ organization: 'other' })).toHaveLength(1)
  })
})
