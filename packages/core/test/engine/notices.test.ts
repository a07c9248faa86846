import { describe, expect, test } from 'vitest'
import { days, hours } from '../../src/lib/time.ts'
import type { EventType } from '../../src/model/event.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { aMeter } from '../support/meter.ts'
import { aWorkload } from '../support/workload.ts'

/** The notices of one type so far: about what, and in which words. */
async function told({ recorded }: Pick<TestEngine, 'recorded'>, type: EventType) {
  const events = (await recorded()).filter((event) => event.type === type)
  return events.map(({ target, reason, details }) => ({ id: target.id, reason, ...details }))
}

async function pass({ clock, countersign }: TestEngine, seconds: number): Promise<void> {
  clock.advance(seconds)
  while (!(await countersign.maintain()).done);
}

describe('client_secret.expiring', () => {
  test('is told 14 and 3 days before the end, each once, however many nodes maintain', async () => {
    const workload = await aWorkload({ secret: { ttl: days(30) } })
    const { secret, identity } = workload
    const other = { ...workload, ...anEngine({ beside: workload }) }
    const [near, nearer] = [days(16), days(11)]
    await pass(workload, near - 1)
    expect(await told(workload, 'client_secret.expiring')).toEqual([])
    workload.clock.advance(hours(1))
    await Promise.all([workload, other].map((node) => pass(node, 0)))
    const notice = { id: secret.id, identity: identity.id }
    expect(await told(workload, 'client_secret.expiring')).toEqual([{ ...notice, days: 14 }])
    await pass(workload, nearer)
    await pass(other, 0)
    await pass(workload, days(2))
    expect(await told(workload, 'client_secret.expiring')).toEqual([
      { ...notice, days: 14 },
      { ...notice, days: 3 },
    ])
  })

  test('is told once where nobody maintained until 3 days were left', async () => {
    const workload = await aWorkload({ secret: { ttl: days(30) } })
    await pass(workload, days(28))
    await pass(workload, hours(1))
    expect(await told(workload, 'client_secret.expiring')).toMatchObject([{ days: 2 }])
  })

  test('is not told of what was meant to be short, nor of what has a successor', async () => {
    const workload = await aWorkload({ secret: { ttl: days(3) } })
    const { organization, id } = await workload.another({ ttl: days(30) })
    await workload.host.clientSecrets.rotate({ organization, id, overlap: days(20), ttl: days(90) })
    await pass(workload, days(18))
    expect(await told(workload, 'client_secret.expiring')).toEqual([])
  })

  test('is told in bounded passes, each of which says that there is more', async () => {
    const workload = await aWorkload()
    for (let count = 0; count < 501; count += 1) await workload.another({ ttl: days(30) })
    workload.clock.advance(days(28))
    expect((await workload.countersign.maintain()).done).toBe(false)
    expect(await told(workload, 'client_secret.expiring')).toHaveLength(500)
    await pass(workload, 0)
    const notices = await told(workload, 'client_secret.expiring')
    expect(notices.map((notice) => 'days' in notice && notice.days)).toEqual(Array(501).fill(2))
  })

  test('comes when the host says, or not at all', async () => {
    for (const [notices, count] of [
      [{ expiring: [days(20), days(10), days(1)] }, 2],
      [{ expiring: [] }, 0],
      ['off', 0],
    ] as const) {
      const engine = anEngine({ notices })
      const workload = await aWorkload({ engine, secret: { ttl: days(30) } })
      for (const seconds of [days(11), days(10)]) await pass(workload, seconds)
      expect(await told(workload, 'client_secret.expiring')).toHaveLength(count)
    }
  })
})

test('static_token.expiring is told of static tokens', async () => {
  const workload = await aWorkload()
  const { host, key } = workload
  await host.authMethods.attach({ ...key, method: 'token' })
  const { id } = await host.staticTokens.create({ ...key, name: 'build', ttl: days(30) })
  await pass(workload, days(27))
  expect(await told(workload, 'static_token.expiring')).toEqual([
    { id, days: 3, identity: key.identity },
  ])
})

describe('identity.unused', () => {
  test('is told after 90 days without a login, and again after 90 more', async () => {
    const workload = await aWorkload()
    const { identity, login } = workload
    await pass(workload, days(90))
    expect(await told(workload, 'identity.unused')).toEqual([])
    await pass(workload, hours(1))
    await pass(workload, days(20))
    expect(await told(workload, 'identity.unused')).toEqual([{ id: identity.id, days: 90 }])
    await login()
    await pass(workload, days(1))
    await pass(workload, days(95))
    expect(await told(workload, 'identity.unused')).toEqual([
      { id: identity.id, days: 90 },
      { id: identity.id, days: 96 },
    ])
  })

  test('is not told of what is disabled, nor where the host says never', async () => {
    const disabled = await aWorkload({ identity: { disabled: true } })
    const engine = anEngine({ notices: { unused: 'never' } })
    for (const workload of [disabled, await aWorkload({ engine })]) {
      await pass(workload, days(200))
      expect(await told(workload, 'identity.unused')).toEqual([])
    }
  })
})

describe('key.expiring', () => {
  test('is told of a signing key that the host should replace', async () => {
    const engine = anEngine({ signing: { rotateEvery: 'never' } })
    await engine.countersign.ready()
    await pass(engine, days(75))
    expect(await told(engine, 'key.expiring')).toEqual([])
    for (const seconds of [days(1), days(12), days(30), days(1)]) await pass(engine, seconds)
    expect(await told(engine, 'key.expiring')).toMatchObject([
      { reason: 'rotation_due', days: 14 },
      { reason: 'rotation_due', days: 2 },
    ])
    await engine.host.signingKeys.rotate()
    await pass(engine, hours(1))
    expect(await told(engine, 'key.expiring')).toHaveLength(2)
  })

  test('is not told where keys replace themselves', async () => {
    const engine = anEngine()
    await engine.countersign.ready()
    for (let count = 0; count < 10; count += 1) await pass(engine, days(10))
    expect(await told(engine, 'key.expiring')).toEqual([])
  })

  test('is told of an older root key a day after it was superseded, and monthly until nothing depends on it', async () => {
    const workload = await aWorkload()
    const rotated = anEngine({ beside: workload, rootKeys: [OTHER_ROOT_KEY, ROOT_KEY] })
    const other = anEngine({ beside: workload, rootKeys: [OTHER_ROOT_KEY, ROOT_KEY] })
    for (const seconds of [0, hours(23)]) await pass(rotated, seconds)
    expect(await told(workload, 'key.expiring')).toEqual([])
    for (const seconds of [hours(1), days(10), days(20)]) {
      await pass(rotated, seconds)
      await pass(other, 0)
    }
    const superseded = { reason: 'superseded', clientSecrets: 1, staticTokens: 0, signingKeys: 0 }
    expect(await told(workload, 'key.expiring')).toMatchObject([superseded, superseded])
    const { organization, id } = workload.secret
    await workload.host.clientSecrets.revoke({ organization, id })
    await pass(rotated, days(31))
    expect(await told(workload, 'key.expiring')).toHaveLength(2)
  })
})

test('a gauge shows how many credentials end within so many days', async () => {
  const { meter, lookAll } = aMeter()
  const workload = await aWorkload({ engine: anEngine({ meter }), secret: { ttl: days(30) } })
  await workload.another({ ttl: days(40) })
  expect(lookAll('countersign.credentials.expiring')).toEqual([])
  await pass(workload, days(28))
  expect(lookAll('countersign.credentials.expiring')).toMatchObject([
    { value: 1, labels: { days: 3 } },
    { value: 2, labels: { days: 14 } },
  ])
})

test.each([
  [{ expiring: [hours(36)] }, 'notices.expiring[0] must be whole days'],
  [{ unused: 0 }, 'notices.unused must be at least 86400'],
  [{ expiring: [1, 2, 3, 4, 5, 6].map(days) }, 'notices must be'],
  [{ expired: [] }, 'unknown member'],
  ['on', "must be { expiring, unused } in whole days, or 'off'"],
])('createCountersign() refuses the notices %j', (notices, message) => {
  expect(() => anEngine({ notices: notices as never })).toThrow(message)
})
