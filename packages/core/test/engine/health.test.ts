import { expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import { createOutage } from '../support/storage.ts'

test('health() tells of a node that works', async () => {
  const { countersign } = anEngine()
  expect(await countersign.health()).toEqual({
    live: true,
    ready: true,
    degraded: false,
    storage: { ok: true, latency: 0 },
    keys: { ok: true, latency: 0 },
    clock: { ok: true, drift: 0 },
  })
})

test('health() calls a node live and not ready where its storage is away', async () => {
  const outage = createOutage()
  const { countersign } = anEngine({ around: outage.around })
  outage.begin()
  expect(await countersign.health()).toMatchObject({
    live: true,
    ready: false,
    storage: { ok: false },
    clock: { ok: false },
  })
  outage.end()
  expect(await countersign.health()).toMatchObject({ ready: true })
})

test('health() gives up on a storage that says nothing', async () => {
  const { countersign, runtime } = anEngine({
    around: (storage) => ({ ...storage, now: () => new Promise<Date>(() => undefined) }),
  })
  const health = countersign.health()
  await expect.poll(() => runtime.deadlines.length).toBeGreaterThan(0)
  for (const deadline of runtime.deadlines) deadline.expire()
  expect(await health).toMatchObject({ ready: false, storage: { ok: false } })
})

test('health() calls a node degraded whose clock is 30 seconds off, and no sooner', async () => {
  const engine = anEngine()
  const drifting = (seconds: number) =>
    anEngine({
      beside: engine,
      local: () => new Date(engine.clock.now().getTime() + seconds * 1000),
    }).countersign.health()
  expect(await drifting(30)).toMatchObject({ degraded: false, clock: { drift: -30 } })
  expect(await drifting(31)).toMatchObject({ degraded: true, ready: true, clock: { ok: false } })
})
