import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { anEngine, OTHER_ROOT_KEY } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { createOutage } from '../support/storage.ts'
import { aWorkload, HOME, loggedIn, loginAs } from '../support/workload.ts'

describe('createCountersign()', () => {
  test('starts nothing and asks nobody', async () => {
    const { calls, runtime } = anEngine()
    expect([calls.verbs(), runtime.deadlines, runtime.pauses, runtime.fetched()]).toEqual([
      [],
      [],
      [],
      0,
    ])
  })
})

describe('ready()', () => {
  test('makes the key of the deployment, and a second time nothing', async () => {
    const { countersign, recorded } = anEngine()
    await countersign.ready()
    await countersign.ready()
    expect(await recorded()).toMatchObject([
      { type: 'signing_key.created', actor: { kind: 'engine' } },
    ])
    expect((await countersign.jwks()).keys).toMatchObject([{ alg: 'EdDSA', use: 'sig' }])
    expect(JSON.stringify(await countersign.jwks())).not.toMatch(/"d":/)
  })

  test('is unavailable where the authority is away', async () => {
    const outage = createOutage()
    const { countersign } = anEngine({ around: outage.around })
    outage.begin()
    await expect(countersign.ready()).rejects.toMatchObject({ code: 'unavailable' })
    outage.end()
    await expect(countersign.ready()).resolves.toBeUndefined()
  })

  test('refuses root keys that do not open what is stored, and so does every login', async () => {
    const workload = await aWorkload()
    await workload.login()
    const wrong = anEngine({ beside: workload, rootKeys: [OTHER_ROOT_KEY] })
    await expect(wrong.countersign.ready()).rejects.toMatchObject({
      message: expect.stringContaining('rootKeys'),
    })
    await expect(wrong.countersign.jwks()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(
      wrong.countersign.authenticate((await workload.login()).accessToken, HOME),
    ).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('sets the clock to that of the authority, and tells of a drift beyond 30 s', async () => {
    for (const [seconds, told] of [
      [30, 0],
      [31, 1],
      [-31, 1],
    ] as const) {
      const first = anEngine()
      const local = () => new Date(first.clock.now().getTime() - seconds * 1000)
      const { countersign, recorded } = anEngine({ beside: first, local })
      await countersign.ready()
      await countersign.maintain()
      const drifts = (await recorded()).filter(({ type }) => type === 'clock.drifted')
      expect(drifts.map(({ details }) => details)).toEqual(told === 0 ? [] : [{ seconds }])
    }
  })
})

describe('the key of a deployment', () => {
  test('is made once by 20 concurrent first logins on three nodes', async () => {
    const workload = await aWorkload()
    const nodes = [workload, anEngine({ beside: workload }), anEngine({ beside: workload })]
    const outcomes = await flood(20, (index) =>
      loginAs(nodes[index % 3] ?? workload, workload.identity.id, workload.secret.clientSecret),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    const created = (await workload.recorded()).filter(({ type }) => type === 'signing_key.created')
    expect(created.length).toBe(1)
    const sets = await Promise.all(nodes.map(({ countersign }) => countersign.jwks()))
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1)
  })

  test('is sealed at rest: no private member stands in the storage', async () => {
    const { countersign, storage } = anEngine()
    await countersign.ready()
    const text = JSON.stringify(await storage.keys.list())
    expect(text).not.toMatch(/"d"|private/i)
    expect(text).toMatch(/"sealed":"v1\./)
  })
})

describe('maintain()', () => {
  test('writes when and how often secrets and identities were used', async () => {
    const { login, host, secret, identity, countersign, clock } = await aWorkload()
    await login()
    clock.advance(5)
    await login()
    const { organization, id } = secret
    expect((await host.clientSecrets.get({ organization, id })).uses).toBe(0)
    await countersign.maintain()
    expect(await host.clientSecrets.get({ organization, id })).toMatchObject({
      uses: 2,
      lastUsedAt: clock.now(),
    })
    const { lastLoginAt } = await host.identities.get({ organization, id: identity.id })
    expect(lastLoginAt).toEqual(clock.now())
  })

  test('sweeps a spent secret 30 days after it was spent, and not before', async () => {
    const { login, host, key, countersign, clock } = await aWorkload({ secret: { maxUses: 1 } })
    await login()
    clock.advance(days(30) - 1)
    await countersign.maintain()
    expect((await host.clientSecrets.list(key)).items).toMatchObject([
      { ended: 'secret_exhausted' },
    ])
    clock.advance(1)
    await countersign.maintain()
    expect((await host.clientSecrets.list(key)).items).toEqual([])
  })

  test('is unavailable where the authority is away', async () => {
    const outage = createOutage()
    const { countersign } = anEngine({ around: outage.around })
    outage.begin()
    await expect(countersign.maintain()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('run()', () => {
  test('waits a second after a pass, not at all when there is more, and 5 s after a failure', async () => {
    const outage = createOutage()
    const { countersign, storage, runtime } = anEngine({ around: outage.around })
    const stop = new AbortController()
    const event = { v: 1, type: 'clock.drifted', actor: { kind: 'engine' } } as const
    const target = { kind: 'clock', id: 'node' } as const
    const id = 'evt_00000000000000000000000000'
    const row = { ...event, id, target, at: runtime.clock() } as const
    await storage.outbox.append(Array.from({ length: 600 }, () => row))
    const running = countersign.run({ signal: stop.signal })
    const seconds: number[] = []
    for (const prepare of [undefined, undefined, outage.begin, outage.end]) {
      prepare?.()
      while (runtime.pauses.length === seconds.length) await turn()
      const pause = runtime.pauses.at(-1)
      seconds.push(pause?.seconds ?? -1)
      if (seconds.length < 4) pause?.end()
    }
    stop.abort()
    await running
    expect(seconds).toEqual([0, 1, 5, 1])
  })

  test('ends when its signal aborts, and does nothing when it had before', async () => {
    const { countersign, calls } = anEngine()
    await countersign.run({ signal: AbortSignal.abort() })
    expect(calls.verbs()).toEqual([])
  })
})

describe('close()', () => {
  test('hands over what is gathered, then closes the storage', async () => {
    let closed = 0
    const around = (storage: Storage): Storage => ({
      ...storage,
      async close() {
        closed += 1
        await storage.close()
      },
    })
    const login = await loggedIn({ engine: anEngine({ around }) })
    await login.countersign.close()
    const { organization, id } = login.secret
    expect((await login.storage.clientSecrets.find(organization, id))?.uses).toBe(1)
    expect(login.sunk.at(-1)).toMatchObject({ type: 'login.granted' })
    expect(closed).toBe(1)
  })
})

/** Lets whatever can go on without time go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
