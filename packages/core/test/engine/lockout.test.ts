import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import type { Source } from '../../src/model/source.ts'
import { anEngine } from '../support/engine.ts'
import { createStop, flood, rounds } from '../support/gate.ts'
import { withLogins } from '../support/storage.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, ELSEWHERE, HOME, WRONG } from '../support/workload.ts'

/** Fails so many times, each a refusal like any other. */
async function fail({ refused }: Workload, times: number, from: Source = HOME): Promise<void> {
  for (let count = 0; count < times; count += 1)
    expect((await refused(from)).code).toBe('invalid_credential')
}

const active = ({ host }: Workload) => host.lockouts.list({ organization: 'acme' })

describe('lockout', () => {
  test('counts a failure within the window of the last one, and not at its end', async () => {
    for (const [pause, locked] of [
      [29.999, true],
      [30, false],
    ] as const) {
      const workload = await aWorkload()
      await fail(workload, 1)
      workload.clock.advance(pause)
      await fail(workload, 1)
      workload.clock.advance(pause)
      await fail(workload, 1)
      expect((await active(workload)).length).toBe(locked ? 1 : 0)
    }
  })

  test('ends at the very instant that it said', async () => {
    const workload = await aWorkload()
    await fail(workload, 3)
    workload.clock.advance(299.999)
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error).toMatchObject({ code: 'locked_out', retryAfter: 1 })
    workload.clock.advance(0.001)
    expect(await active(workload)).toEqual([])
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('neither counts nor extends while it stands, and starts anew behind it', async () => {
    const workload = await aWorkload()
    await fail(workload, 3)
    workload.clock.advance(290)
    for (let count = 0; count < 5; count += 1)
      expect((await workload.refused()).code).toBe('locked_out')
    workload.clock.advance(10)
    await fail(workload, 2)
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('is one counter for all strangers: another address gains nothing', async () => {
    const workload = await aWorkload()
    for (const address of ['203.0.113.1', '2001:db8::1', '203.0.113.3'])
      await fail(workload, 1, { address })
    for (const source of [{ address: '203.0.113.4' }, {}, { address: 'no address' }])
      expect((await workload.refused(source)).code).toBe('locked_out')
  })

  test('leaves a known source alone when strangers are locked, and strangers when it is', async () => {
    const workload = await aWorkload()
    await workload.login(HOME)
    await fail(workload, 3, ELSEWHERE)
    await expect(workload.login(HOME)).resolves.toBeDefined()
    const other = await aWorkload({ engine: workload })
    await other.login(HOME)
    await fail(other, 3, HOME)
    expect((await other.refused(HOME, other.secret.clientSecret)).code).toBe('locked_out')
    await expect(other.login(ELSEWHERE)).resolves.toBeDefined()
  })

  test('is cleared by a grant for its own class alone', async () => {
    const workload = await aWorkload()
    await workload.login(HOME)
    await fail(workload, 2, ELSEWHERE)
    await fail(workload, 2, HOME)
    await workload.login(HOME)
    await fail(workload, 2, HOME)
    await fail(workload, 1, ELSEWHERE)
    const locks = (await active(workload)).map((lock) => lock.class)
    expect(locks).toEqual(['strangers'])
  })

  test('is cleared for strangers by the grant that makes one known', async () => {
    const workload = await aWorkload()
    await fail(workload, 2, ELSEWHERE)
    await workload.login(ELSEWHERE)
    await fail(workload, 2, { address: '203.0.113.77' })
    expect(await active(workload)).toEqual([])
  })

  test('knows a source for 30 days after its grant, to the millisecond', async () => {
    for (const [age, code] of [
      [days(30) - 0.001, undefined],
      [days(30), 'locked_out'],
    ] as const) {
      const workload = await aWorkload()
      await workload.login(HOME)
      workload.clock.advance(age)
      await fail(workload, 3, ELSEWHERE)
      const answer = await workload.login(HOME).catch((error: unknown) => error)
      expect((answer as { code?: string }).code).toBe(code)
    }
  })

  test('knows a source for longer when it comes back, and writes that once a day', async () => {
    const workload = await aWorkload()
    const remembered = () =>
      workload.calls
        .handedTo('logins.grant')
        .map(([grant]) => Object.hasOwn(grant as object, 'remember'))
    for (const pause of [0, days(1) - 1, 1, 1]) {
      workload.clock.advance(pause)
      await workload.login(HOME)
    }
    expect(remembered()).toEqual([true, false, true, false])
    workload.clock.advance(days(30) - 2)
    await fail(workload, 3, ELSEWHERE)
    await expect(workload.login(HOME)).resolves.toBeDefined()
  })

  test('knows 64 sources at most, the ones that came last', async () => {
    const workload = await aWorkload()
    for (let host = 1; host <= 65; host += 1) await workload.login({ address: `192.0.2.${host}` })
    await fail(workload, 3, ELSEWHERE)
    const { clientSecret } = workload.secret
    expect((await workload.refused({ address: '192.0.2.1' }, clientSecret)).code).toBe('locked_out')
    await expect(workload.login({ address: '192.0.2.2' })).resolves.toBeDefined()
  })

  test('is one counter for everybody when its scope is the identity', async () => {
    const workload = await aWorkload({ lockout: { scope: 'identity' } })
    await workload.login(HOME)
    await fail(workload, 3, ELSEWHERE)
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error.code).toBe('locked_out')
    expect((await active(workload)).map((lock) => lock.class)).toEqual(['everybody'])
  })

  test('never comes where it is off', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    await fail(workload, 10)
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('is apart for each identity', async () => {
    const workload = await aWorkload()
    const other = await aWorkload({ engine: workload })
    await fail(workload, 3)
    await expect(other.login()).resolves.toBeDefined()
    expect((await active(workload)).map((lock) => lock.identity)).toEqual([workload.identity.id])
  })

  test('follows a stricter policy from the next failure on', async () => {
    const workload = await aWorkload()
    await fail(workload, 1)
    const lockout = { threshold: 2, duration: 30 }
    await workload.host.authMethods.update({ ...workload.key, method: 'universal', lockout })
    await fail(workload, 1)
    expect((await workload.refused()).retryAfter).toBe(30)
  })

  test('leaves no lock of another scope in the list when its scope changes', async () => {
    const workload = await aWorkload()
    await fail(workload, 3)
    const lockout = { scope: 'identity' } as const
    await workload.host.authMethods.update({ ...workload.key, method: 'universal', lockout })
    expect(await active(workload)).toEqual([])
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('writes one event when it starts, with the failure that started it', async () => {
    const workload = await aWorkload()
    await fail(workload, 3)
    const types = (await workload.recorded()).map(({ type }) => type)
    expect(types.slice(-4)).toEqual([
      'login.refused',
      'login.refused',
      'login.refused',
      'lockout.started',
    ])
  })

  test('refuses the grant that it overtook, and says how long to wait', async () => {
    const stop = createStop()
    const workload = await aWorkload({
      engine: anEngine({
        around: (storage) =>
          withLogins(storage, ({ grant }) => ({
            async grant(...values) {
              await stop.pass()
              return grant(...values)
            },
          })),
      }),
    })
    stop.close()
    const right = workload.login()
    await stop.reached()
    await fail(workload, 3)
    stop.open()
    await expect(right).rejects.toMatchObject({ code: 'locked_out', retryAfter: 300 })
  })

  test('lets exactly three of many failures at once count', async () => {
    for (let round = 0; round < rounds(10, 100); round += 1) {
      const workload = await aWorkload()
      const outcomes = await flood(50, () => workload.login(HOME, WRONG))
      const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)
      expect(codes.filter((code) => code === 'invalid_credential').length).toBe(3)
    }
  })
})

describe('lockouts', () => {
  test('clear() ends a lock and forgets failures short of one', async () => {
    const workload = await aWorkload()
    const { key, host } = workload
    await fail(workload, 2)
    expect(await host.lockouts.clear(key)).toEqual({ cleared: 0 })
    await fail(workload, 2)
    expect(await active(workload)).toEqual([])
    await fail(workload, 1)
    expect(await host.lockouts.clear({ ...key, method: 'other' })).toEqual({ cleared: 0 })
    expect(await host.lockouts.clear({ ...key, method: 'universal' })).toEqual({ cleared: 1 })
    await expect(workload.login()).resolves.toBeDefined()
  })

  test('clear() throws not_found for an identity of another organization', async () => {
    const workload = await aWorkload()
    await workload.host.organizations.create({ id: 'other', name: 'Other' })
    const { identity } = workload.key
    const clear = workload.host.lockouts.clear({ organization: 'other', identity })
    await expect(clear).rejects.toMatchObject({ code: 'not_found' })
  })

  test('list() shows the locks of one organization, and of what is asked for alone', async () => {
    const workload = await aWorkload()
    const foreign = await aWorkload({ engine: workload, organization: 'other' })
    await fail(workload, 3)
    await fail(foreign, 3)
    const { identity } = workload.key
    const [lock, ...rest] = await active(workload)
    expect(rest).toEqual([])
    expect(lock).toMatchObject({ organization: 'acme', identity, method: 'universal' })
    const { lockouts } = workload.host
    expect(await lockouts.list({ organization: 'acme', method: 'other' })).toEqual([])
    expect(await lockouts.list({ organization: 'acme', identity: foreign.identity.id })).toEqual([])
  })
})
