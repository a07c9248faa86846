import { expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import { aMeter } from '../support/meter.ts'
import { createOutage } from '../support/storage.ts'
import { aWorkload, HOME, WRONG } from '../support/workload.ts'

test('a meter is told of logins, requests, spends, verifiers and the storage, in fixed words', async () => {
  const { meter, of, gauges } = aMeter()
  const workload = await aWorkload({ engine: anEngine({ meter }), tokenPolicy: { maxUses: 1 } })
  const { accessToken } = await workload.login()
  await workload.refused(HOME, WRONG)
  await workload.countersign.tryAuthenticate(accessToken, HOME)
  await workload.countersign.tryAuthenticate(accessToken, HOME)
  expect(of('countersign.login').map(({ labels }) => labels)).toEqual([
    { method: 'universal', outcome: 'granted', reason: 'none' },
    { method: 'universal', outcome: 'refused', reason: 'wrong_secret' },
  ])
  expect(of('countersign.authenticate').map(({ labels }) => labels)).toEqual([
    { outcome: 'granted', cache: 'miss' },
    { outcome: 'refused', cache: 'miss' },
  ])
  expect(of('countersign.spend').map(({ labels }) => labels)).toEqual([
    { outcome: 'spent' },
    { outcome: 'exhausted' },
  ])
  expect(of('countersign.verifier.duration')).toHaveLength(2)
  expect(of('countersign.storage.duration').map(({ labels }) => labels)).toContainEqual({
    verb: 'logins.grant',
    outcome: 'ok',
  })
  expect([...gauges.keys()]).toEqual([
    'countersign.lockouts.active',
    'countersign.cache.bytes',
    'countersign.keys.age',
    'countersign.audit.backlog',
    'countersign.credentials.expiring',
  ])
})

test('LOG-006 no label is an id, a token, an address or what a client wrote', async () => {
  const { meter, figures } = aMeter()
  const engine = anEngine({ meter, rateLimits: { loginsPerAddress: { most: 5, window: 60 } } })
  const workload = await aWorkload({ engine })
  await workload.login()
  for (const method of ['universal', `<script>${WRONG}`])
    await engine.countersign
      .login({ method, identity: WRONG, credential: { clientSecret: WRONG } } as never, HOME)
      .catch(() => undefined)
  await engine.countersign.tryAuthenticate(WRONG, HOME)
  const values = figures.flatMap(({ labels }) => Object.values(labels))
  for (const value of values) expect(String(value)).toMatch(/^[a-zA-Z_.]{1,40}$/)
  expect(new Set(values).size).toBeLessThan(30)
})

test('a request that nobody had to be asked about is a hit', async () => {
  const { meter, of } = aMeter()
  const workload = await aWorkload({ engine: anEngine({ meter }) })
  const { accessToken } = await workload.login()
  for (let count = 0; count < 3; count += 1)
    await workload.countersign.authenticate(accessToken, HOME)
  expect(of('countersign.authenticate').map(({ labels }) => labels['cache'])).toEqual([
    'miss',
    'hit',
    'hit',
  ])
})

test('gauges show locks, bytes, the age of the key and what is not sealed', async () => {
  const { meter, look } = aMeter()
  const workload = await aWorkload({ engine: anEngine({ meter }) })
  const { accessToken } = await workload.login()
  await workload.countersign.authenticate(accessToken, HOME)
  for (let count = 0; count < 3; count += 1) await workload.refused(HOME, WRONG)
  expect(look('countersign.lockouts.active')).toBe(1)
  expect(look('countersign.cache.bytes')).toBeGreaterThan(accessToken.length)
  await workload.countersign.maintain()
  workload.clock.advance(400)
  expect(look('countersign.lockouts.active')).toBe(0)
  expect(look('countersign.keys.age')).toBe(400)
  expect(look('countersign.audit.backlog')).toBeGreaterThan(0)
})

test('an outage is told as unavailable, and its verb as failed', async () => {
  const { meter, of } = aMeter()
  const outage = createOutage()
  const workload = await aWorkload({ engine: anEngine({ meter, around: outage.around }) })
  outage.begin('logins.find')
  await expect(workload.login()).rejects.toMatchObject({ code: 'unavailable' })
  expect(of('countersign.login').at(-1)?.labels).toMatchObject({ outcome: 'unavailable' })
  expect(of('countersign.storage.duration').at(-1)?.labels).toEqual({
    verb: 'logins.find',
    outcome: 'failed',
  })
})

test('a tracer opens a span around a login and a request', async () => {
  const spans: string[] = []
  const tracer = {
    startActiveSpan<Result>(
      name: string,
      run: (span: { setAttribute(): void; end(): void }) => Result,
    ) {
      return run({ setAttribute: () => undefined, end: () => void spans.push(name) })
    },
  }
  const workload = await aWorkload({ engine: anEngine({ tracer }) })
  const { accessToken } = await workload.login()
  await workload.countersign.authenticate(accessToken, HOME)
  expect(spans).toEqual(['countersign.login', 'countersign.authenticate'])
})
