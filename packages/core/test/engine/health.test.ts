import type { Storage } from '@countersign/core/plugin'
import { describe, expect, test } from 'vitest'
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

describe('health() of what a node works beside', () => {
  const asking = (probe: () => Promise<unknown>) => ({
    channel: { publish: async () => undefined, subscribe: async () => () => undefined, probe },
    rateLimiter: { take: () => 0, probe },
    around: (storage: Storage) => ({ ...storage, probeCounters: probe }),
  })

  test('shows each as it answers', async () => {
    const { countersign } = anEngine(asking(async () => 'PONG'))
    expect(await countersign.health()).toMatchObject({
      ready: true,
      degraded: false,
      channel: { ok: true, latency: 0 },
      rateLimiter: { ok: true, latency: 0 },
      counters: { ok: true, latency: 0 },
    })
  })

  test('is ready and degraded where it is away', async () => {
    const away = () => Promise.reject(new Error('redis://:secret@cache.internal is away'))
    const health = await anEngine(asking(away)).countersign.health()
    expect(health).toMatchObject({
      ready: true,
      degraded: true,
      channel: { ok: false },
      rateLimiter: { ok: false },
      counters: { ok: false },
    })
    expect(JSON.stringify(health)).not.toContain('secret')
  })
})
