import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { anEngine } from '../support/engine.ts'
import { expectNoSecret } from '../support/refusal.ts'
import { createOutage } from '../support/storage.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, ELSEWHERE, HOME, loggedIn, loginAs, WRONG } from '../support/workload.ts'

/** Fails so many times; nobody looks at how. */
async function fail(workload: Workload, times: number, from = HOME): Promise<void> {
  for (let count = 0; count < times; count += 1)
    await expect(workload.login(from, WRONG)).rejects.toThrow()
}

const refusalsIn = (events: readonly Event[]) =>
  events.filter(({ type }) => type.endsWith('.refused'))

describe('recorded refusals', () => {
  test('are 60 a minute for one identity, and then one row with a count', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    await fail(workload, 40)
    await fail(workload, 45, ELSEWHERE)
    expect(refusalsIn(await workload.recorded()).length).toBe(60)
    workload.clock.advance(59.999)
    await workload.countersign.maintain()
    expect(refusalsIn(await workload.recorded()).length).toBe(60)
    workload.clock.advance(0.001)
    await workload.countersign.maintain()
    const rows = refusalsIn(await workload.recorded()).slice(60)
    expect(rows).toMatchObject([
      { type: 'login.refused', organization: 'acme', reason: 'wrong_secret', count: 25 },
    ])
    await fail(workload, 1)
    expect(refusalsIn(await workload.recorded()).length).toBe(62)
  })

  test('are 60 a minute for one source, whichever identities it tries', async () => {
    const first = await aWorkload({ lockout: 'off' })
    const second = await aWorkload({ engine: first, lockout: 'off' })
    await fail(first, 40)
    await fail(second, 40)
    expect(refusalsIn(await first.recorded()).length).toBe(60)
    await fail(second, 1, ELSEWHERE)
    expect(refusalsIn(await first.recorded()).length).toBe(61)
  })

  test('are 600 a minute for one organization, and another one has its own', async () => {
    const engine = anEngine()
    for (let host = 1; host <= 13; host += 1) {
      const workload = await aWorkload({ engine, lockout: 'off' })
      await fail(workload, 50, { address: `203.0.113.${host}` })
    }
    expect(refusalsIn(await engine.recorded()).length).toBe(600)
    await fail(await aWorkload({ engine, organization: 'other' }), 1)
    expect(refusalsIn(await engine.recorded()).length).toBe(601)
  })

  test('fold apart by source and by reason', async () => {
    const { id, ...workload } = await withSpentBudget()
    await fail(workload, 2)
    await fail(workload, 3, ELSEWHERE)
    await workload.host.identities.update({ organization: 'acme', id, disabled: true })
    await fail(workload, 4)
    const before = (await workload.recorded()).length
    workload.clock.advance(60)
    await workload.countersign.maintain()
    const rows = (await workload.recorded()).slice(before)
    expect(rows.map(({ reason, source, count }) => [reason, source, count])).toEqual([
      ['wrong_secret', HOME, 2],
      ['wrong_secret', ELSEWHERE, 3],
      ['identity_disabled', HOME, 4],
    ])
  })

  test('are told together from the 301st source of a minute on', async () => {
    const workload = await withSpentBudget()
    for (let host = 0; host < 320; host += 1)
      await fail(workload, 1, { address: `198.${18 + (host >> 8)}.0.${host & 255}` })
    const before = (await workload.recorded()).length
    workload.clock.advance(60)
    await workload.countersign.maintain()
    const rows = (await workload.recorded()).slice(before)
    expect(rows.length).toBe(301)
    const together = rows.filter(({ source }) => source === undefined)
    expect(together.map(({ count }) => count)).toEqual([20])
  })

  test('name the login, the source and nothing of the credential', async () => {
    const workload = await aWorkload()
    const source = { ...HOME, requestId: 'r'.repeat(1000), userAgent: 'agent' }
    await expect(workload.login(source, WRONG)).rejects.toThrow()
    expect((await workload.recorded()).at(-1)).toEqual({
      v: 1,
      id: expect.stringMatching(/^evt_[0-9a-z]{26}$/),
      type: 'login.refused',
      at: workload.clock.now(),
      organization: 'acme',
      actor: { kind: 'anonymous' },
      target: { kind: 'identity', id: workload.identity.id },
      reason: 'wrong_secret',
      source: { address: '192.0.2.1', requestId: `${'r'.repeat(255)}…`, userAgent: 'agent' },
      details: { method: 'universal', revision: 1 },
    })
  })

  test('are written for refused tokens that are provably ours, by the same budget', async () => {
    const login = await loggedIn()
    await login.revoke()
    for (let count = 0; count < 100; count += 1)
      await expect(login.authenticate()).rejects.toThrow()
    expect(refusalsIn(await login.recorded()).length).toBe(60)
    expect(refusalsIn(await login.recorded()).at(-1)).toMatchObject({
      type: 'token.refused',
      organization: 'acme',
      actor: { kind: 'identity', id: login.identity.id },
      target: { kind: 'token', id: login.grant.session },
      reason: 'token_revoked',
    })
  })
})

describe('reported refusals', () => {
  test('reach sinks alone, one a second for each network and reason', async () => {
    const engine = anEngine()
    await engine.countersign.ready()
    const other = { address: '2001:db8:1:2::1' }
    const sources = [HOME, HOME, HOME, other, { address: '2001:db8:1:2:3::4' }]
    for (const [index, source] of sources.entries())
      await expect(loginAs(engine, `nobody-${index}`, WRONG, source)).rejects.toThrow()
    await engine.countersign.tryAuthenticate('noise', HOME)
    const rows = (await engine.recorded()).length
    await engine.countersign.maintain()
    expect(refusalsIn(engine.sunk)).toEqual([])
    engine.clock.advance(1)
    await engine.countersign.maintain()
    expect(refusalsIn(engine.sunk).map(({ type, reason, count }) => [type, reason, count])).toEqual(
      [
        ['login.refused', 'unknown_client', 3],
        ['login.refused', 'unknown_client', 2],
        ['token.refused', 'malformed', 1],
      ],
    )
    expect(refusalsIn(engine.sunk).some(({ organization }) => organization !== undefined)).toBe(
      false,
    )
    expect((await engine.recorded()).length).toBe(rows)
  })

  test('keep what is no id of ours out of the trail: it may be a secret in the wrong field', async () => {
    const engine = anEngine()
    engine.canaries.add('my-client-secret')
    await expect(loginAs(engine, 'my-client-secret', WRONG)).rejects.toThrow()
    engine.clock.advance(1)
    await engine.countersign.maintain()
    expect(refusalsIn(engine.sunk)).toMatchObject([{ target: { kind: 'identity', id: 'unknown' } }])
    expectNoSecret(engine, engine.sunk)
  })
})

describe('successes', () => {
  test('say, as refusals do, which revision of the auth method they were judged by', async () => {
    const workload = await loggedIn()
    const before = (await workload.recorded()).length
    const method = { ...workload.key, method: 'universal' } as const
    await workload.host.authMethods.update({ ...method, tokenPolicy: { ttl: 60 } })
    await workload.countersign.renew(workload.accessToken, HOME)
    await workload.login()
    await fail(workload, 1)
    const events = (await workload.recorded()).slice(before)
    expect(events.map(({ type, details }) => [type, details?.['revision']])).toEqual([
      ['auth_method.updated', undefined],
      ['token.renewed', 2],
      ['login.granted', 2],
      ['login.refused', 2],
    ])
  })

  test('are written once for a grant and a renewal, and never for a request', async () => {
    const login = await loggedIn()
    const before = (await login.recorded()).length
    await login.authenticate()
    await login.countersign.introspect(login.accessToken)
    expect((await login.recorded()).length).toBe(before)
    expect((await login.recorded()).at(-1)).toMatchObject({
      type: 'login.granted',
      actor: { kind: 'identity', id: login.identity.id },
      target: { kind: 'token', id: login.grant.session },
      details: { method: 'universal' },
      source: HOME,
    })
  })
})

describe('sinks', () => {
  test('get every recorded event once and in order, however often they are fed', async () => {
    const login = await loggedIn()
    await login.renew()
    for (let pass = 0; pass < 3; pass += 1) await login.countersign.maintain()
    expect(login.sunk).toEqual(await login.recorded())
  })

  test('are offered the same again when they throw, and hold up no other', async () => {
    const offered: number[] = []
    let broken = true
    const sink = {
      name: 'broken',
      write(events: readonly Event[]) {
        offered.push(events.length)
        if (broken) throw new Error('disk full')
      },
    }
    const workload = await aWorkload({ engine: anEngine({ sinks: [sink] }) })
    await workload.countersign.maintain()
    const { length } = await workload.recorded()
    await workload.countersign.maintain()
    expect(workload.sunk.length).toBe(length)
    broken = false
    await workload.countersign.maintain()
    await workload.countersign.maintain()
    expect(offered).toEqual([length, length, length])
  })

  test('go on where another node of the same name stopped', async () => {
    const workload = await aWorkload()
    await workload.countersign.maintain()
    const second = anEngine({ beside: workload })
    await workload.login()
    await second.countersign.maintain()
    expect(second.sunk.map(({ type }) => type)).toEqual(['signing_key.created', 'login.granted'])
  })

  test('are fed in batches, and maintain() says that there is more', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    await workload.countersign.ready()
    const events = (await workload.recorded()).slice(0, 1)
    for (let count = 0; count < 1200; count += 1) await workload.storage.outbox.append(events)
    const total = (await workload.recorded()).length
    const passes = []
    for (let pass = 0; pass < 3; pass += 1) passes.push(await workload.countersign.maintain())
    expect(passes).toEqual([{ done: false }, { done: false }, { done: true }])
    expect(workload.sunk.length).toBe(total)
  })
})

describe('everything that leaves the engine', () => {
  test('shows no credential: events, errors, grants, secrets, principals', async () => {
    const outage = createOutage()
    const login = await loggedIn({ engine: anEngine({ around: outage.around }) })
    const { host, key, secret, countersign, canaries } = login
    canaries.add(WRONG)
    const { organization } = key
    const left: unknown[] = [login.secret, login.grant, await login.authenticate()]
    const keep = async (answer: Promise<unknown>): Promise<void> => {
      left.push(await answer.catch((error: unknown) => error))
    }
    await keep(login.renew())
    await keep(login.login(HOME, WRONG))
    await keep(login.login(HOME, login.accessToken))
    await keep(loginAs(login, secret.clientSecret, WRONG))
    await keep(login.authenticate(HOME, secret.clientSecret))
    await keep(countersign.revoke(secret.clientSecret, HOME))
    await keep(host.clientSecrets.get({ organization, id: secret.clientSecret }))
    await keep(host.clientSecrets.list(key))
    await keep(host.identities.list({ organization, name: WRONG, [WRONG]: WRONG } as never))
    await keep(
      host.identities.create({ organization, name: 'x', metadata: { [WRONG]: 1 } } as never),
    )
    outage.begin()
    await keep(login.login())
    outage.end()
    login.clock.advance(60)
    await countersign.maintain()
    expect(login.sunk.length).toBeGreaterThan(8)
    expectNoSecret(login, [left, login.sunk, await login.recorded()])
  })
})

/** A workload whose identity has used up its rows of this minute. */
async function withSpentBudget(): Promise<Workload & { readonly id: string }> {
  const workload = await aWorkload({ lockout: 'off' })
  await fail(workload, 60)
  return { ...workload, id: workload.identity.id }
}
