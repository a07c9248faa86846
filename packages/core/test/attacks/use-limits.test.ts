import { describe, expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { anEngine } from '../support/engine.ts'
import { createGate, flood, rounds } from '../support/gate.ts'
import {
  spendsThenCounts,
  usesThenCounts,
  withGatedLogins,
  withGatedSpending,
} from '../support/races.ts'
import { withLogins } from '../support/storage.ts'
import { aWorkload, ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

type Around = (storage: Storage) => Storage

const inside = { address: '10.0.0.1' }

/** So many right logins at once, all of which saw the same state. */
async function loginsAtOnce(count: number, maxUses: number, around: Around = (inner) => inner) {
  const gate = createGate(count)
  const engine = anEngine({ around: (storage) => withGatedLogins(around(storage), gate) })
  const workload = await aWorkload({ engine, secret: { maxUses } })
  const outcomes = await flood(count, () => workload.login())
  const { organization, id } = workload.secret
  const events = await workload.recorded()
  return {
    grants: outcomes.filter(({ status }) => status === 'fulfilled').length,
    codes: new Set(outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))),
    uses: (await workload.host.clientSecrets.get({ organization, id })).uses,
    rows: events.filter(({ type }) => type === 'login.granted').length,
  }
}

/** So many requests with one limited token at once, all of which were judged before the first one is counted. */
async function requestsAtOnce(count: number, maxUses: number, around: Around = (inner) => inner) {
  const gate = createGate(count)
  const engine = anEngine({ around: (storage) => withGatedSpending(around(storage), gate) })
  const { authenticate } = await loggedIn({ engine, tokenPolicy: { maxUses } })
  const outcomes = await flood(count, () => authenticate())
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

describe('login()', () => {
  test('USE-001 grants exactly 10 of 600 at once on a secret with 10 uses', async () => {
    const { grants, uses, rows, codes } = await loginsAtOnce(600, 10)
    expect({ grants, uses, rows }).toEqual({ grants: 10, uses: 10, rows: 10 })
    expect([...codes].sort()).toEqual(['invalid_credential', 'locked_out'])
  })

  test('USE-001 would be seen to fail on a storage that reads and then writes', async () => {
    const { grants } = await loginsAtOnce(600, 10, usesThenCounts)
    expect(grants).toBeGreaterThan(10)
  })

  test('USE-002 grants a single-use secret once, however often two race for it', async () => {
    for (let round = 0; round < rounds(50, 1000); round += 1)
      expect(await loginsAtOnce(2, 1)).toMatchObject({ grants: 1, uses: 1, rows: 1 })
  })

  test('USE-011 refuses a secret whose uses are beyond its limit, not only at it', async () => {
    const workload = await aWorkload({
      engine: anEngine({ around: (storage) => withLoweredLimit(storage, 5) }),
      secret: { maxUses: 10 },
    })
    const uses = 7
    for (let count = 0; count < uses; count += 1) await grantDirectly(workload)
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'secret_exhausted' })
  })

  test('USE-014 refuses a secret that is used up, lists it with the reason, and lets its tokens live', async () => {
    const workload = await loggedIn({ secret: { maxUses: 2 } })
    await workload.login()
    const error = await workload.refused(HOME, workload.secret.clientSecret)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'secret_exhausted' })
    const { items } = await workload.host.clientSecrets.list(workload.key)
    expect(items).toMatchObject([{ uses: 2, maxUses: 2, ended: 'secret_exhausted' }])
    await expect(workload.authenticate()).resolves.toMatchObject({ method: 'universal' })
    await expect(workload.renew()).resolves.toBeDefined()
  })
})

describe('authenticate()', () => {
  test('USE-003 answers exactly 5 of 400 at once with a token of 5 uses', async () => {
    expect(await requestsAtOnce(400, 5)).toBe(5)
  })

  test('USE-003 would be seen to fail on a storage that reads and then writes', async () => {
    expect(await requestsAtOnce(400, 5, spendsThenCounts)).toBeGreaterThan(5)
  })

  test('USE-003 asks the authority about a limited token every time', async () => {
    const { authenticate, calls, denied } = await loggedIn({ tokenPolicy: { maxUses: 3 } })
    calls.forget()
    for (let count = 0; count < 3; count += 1) await authenticate()
    expect(calls.verbs().filter((verb) => verb.startsWith('tokens'))).toEqual(
      Array.from({ length: 3 }, () => ['tokens.find', 'tokens.spend']).flat(),
    )
    const error = await denied()
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'token_exhausted' })
  })

  test('USE-004 spends nothing on requests from outside the allow-list', async () => {
    const tokenPolicy = { maxUses: 3, trustedSources: { token: ['10.0.0.0/8'] } }
    const { denied, authenticate, clock } = await loggedIn({ tokenPolicy })
    for (let count = 0; count < 100; count += 1) {
      expect((await denied(ELSEWHERE)).reason).toBe('ip_not_allowed')
      clock.advance(1)
    }
    for (let count = 0; count < 3; count += 1)
      await expect(authenticate(inside)).resolves.toBeDefined()
    expect((await denied(inside)).reason).toBe('token_exhausted')
  })

  test('USE-011 refuses a token whose uses are beyond a limit that was lowered', async () => {
    const { authenticate, denied, host, key, countersign, accessToken } = await loggedIn({
      tokenPolicy: { maxUses: 10 },
    })
    for (let count = 0; count < 7; count += 1) await authenticate()
    const method = { ...key, method: 'universal' } as const
    await host.authMethods.update({ ...method, tokenPolicy: { maxUses: 5 } })
    expect((await denied()).reason).toBe('token_exhausted')
    expect(await countersign.introspect(accessToken)).toEqual({ active: false })
    await host.authMethods.update({ ...method, tokenPolicy: { maxUses: 'unlimited' } })
    for (let count = 0; count < 3; count += 1) await authenticate()
    expect((await denied()).reason).toBe('token_exhausted')
  })
})

describe('management', () => {
  const refusedCounts = [-1, 0, 0.5, 1e308, '5', Number.NaN, Number.POSITIVE_INFINITY, null, [5]]

  test.each(refusedCounts)('USE-010 refuses %j as a number of uses', async (maxUses) => {
    const { host, key } = await aWorkload()
    const request = { code: 'invalid_request', message: expect.stringContaining('maxUses') }
    const limited = { tokenPolicy: { maxUses } } as never
    const wanted = { ...key, method: 'universal', ...(limited as object) } as never
    await expect(host.clientSecrets.create({ ...key, maxUses } as never)).rejects.toMatchObject(
      request,
    )
    await expect(host.authMethods.update(wanted)).rejects.toMatchObject(request)
    await expect(host.authMethods.attach(wanted)).rejects.toMatchObject(request)
  })

  test('USE-010 takes an absent limit as none, and the largest safe number as one', async () => {
    const { another } = await aWorkload()
    expect(await another()).not.toHaveProperty('maxUses')
    const maxUses = Number.MAX_SAFE_INTEGER
    expect(await another({ maxUses })).toHaveProperty('maxUses', maxUses)
  })
})

/** An authority where somebody lowered the limit of every secret. */
function withLoweredLimit(storage: Storage, maxUses: number): Storage {
  return withLogins(storage, ({ find }) => ({
    async find(query, now) {
      const state = await find(query, now)
      if (state?.stored === undefined) return state
      return { ...state, stored: { ...state.stored, maxUses } }
    },
  }))
}

async function grantDirectly({ storage, secret, clock }: Awaited<ReturnType<typeof aWorkload>>) {
  const { organization, identity, authMethod, id } = secret
  const charges = [{ kind: 'use', credential: id }] as const
  const grant = { organization, identity, generation: 1, authMethod, charges }
  expect(await storage.logins.grant(grant, clock.now(), [])).toBeUndefined()
}
