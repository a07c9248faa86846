import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RATE_LIMITS } from '../../src/engine/rate-limits.ts'
import type { CountersignError } from '../../src/errors.ts'
import { rollTo, secondsUntilFree } from '../../src/model/rate-limit.ts'
import { anEngine } from '../support/engine.ts'
import { aWorkload, ELSEWHERE, HOME } from '../support/workload.ts'

const limit = { most: 2, window: 60 }

async function limited(rateLimits: Parameters<typeof anEngine>[0] = {}) {
  return aWorkload({ engine: anEngine({ rateLimits: { loginsPerAddress: limit }, ...rateLimits }) })
}

describe('login()', () => {
  test('refuses the first attempt beyond the limit of an address, and says how long to wait', async () => {
    const { login, clock } = await limited()
    await login()
    await login()
    const refused = (): Promise<CountersignError> =>
      login().then(
        () => expect.fail(),
        (error) => error,
      )
    const { code, retryAfter = 0 } = await refused()
    expect(code).toBe('rate_limited')
    await expect(login(ELSEWHERE)).resolves.toBeDefined()
    clock.advance(retryAfter)
    await expect(login()).resolves.toBeDefined()
  })

  test('asks nobody about what comes too often, and tells the sinks alone', async () => {
    const { login, calls, recorded } = await limited()
    await login()
    await login()
    calls.forget()
    const before = (await recorded()).length
    await expect(login()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(calls.verbs()).toEqual([])
    expect((await recorded()).length).toBe(before)
  })

  test('counts an identity wherever it logs in from, and all addresses of a /64 as one', async () => {
    const { login } = await limited({
      rateLimits: { loginsPerIdentity: { most: 1, window: 60 }, loginsPerAddress: limit },
    })
    await login({ address: '2001:db8::1' })
    await expect(login({ address: '2001:db8::2' })).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(login(HOME)).rejects.toMatchObject({ code: 'rate_limited' })
  })
})

test('as() refuses the first call beyond the limit of a principal', async () => {
  const { countersign, host } = anEngine({ rateLimits: { managementPerPrincipal: limit } })
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const [one, other] = ['u_1', 'u_2'].map((user) =>
    countersign.as(
      countersign.principalFor({ user, organization: 'acme', bindings: [{ role: 'admin' }] }),
    ),
  )
  const list = (who = one) => who?.identities.list({ organization: 'acme' })
  await list()
  await list()
  await expect(list()).rejects.toMatchObject({ code: 'rate_limited' })
  await expect(list(other)).resolves.toBeDefined()
})

describe('secondsUntilFree()', () => {
  const at = (seconds: number): Date => new Date(seconds * 1000)

  test.each([
    [{ window: 0, count: 0, before: 0 }, 0, 0],
    [{ window: 0, count: 1, before: 0 }, 0, 0],
    [{ window: 0, count: 2, before: 0 }, 0, 90],
    [{ window: 1, count: 0, before: 2 }, 60, 30],
    [{ window: 1, count: 0, before: 2 }, 90, 0],
    [{ window: 1, count: 1, before: 2 }, 90, 30],
  ])('answers of %j at %d seconds: %d', (counted, seconds, expected) => {
    expect(secondsUntilFree(counted, limit, at(seconds))).toBe(expected)
  })

  test('is kept: after so many seconds one more is free, whatever was counted', () => {
    for (let count = 0; count <= 4; count += 1)
      for (let before = 0; before <= 4; before += 1)
        for (let second = 60; second < 120; second += 1) {
          const counted = { window: 1, count, before }
          const wait = secondsUntilFree(counted, limit, at(second))
          const then = at(second + wait)
          expect(secondsUntilFree(rollTo(counted, limit, then), limit, then)).toBe(0)
        }
  })
})

test('rate-limits.md prints the limits that a host leaves as they are', () => {
  const path = new URL('../../../../docs/security/rate-limits.md', import.meta.url)
  const rows = readFileSync(path, 'utf8').matchAll(/^\| `(\w+)` .* ([\d,]+) a minute +\|$/gm)
  const printed = [...rows].map(([, name, most = '']) => [
    name,
    { most: Number(most.replaceAll(',', '')), window: 60 },
  ])
  expect(Object.fromEntries(printed)).toEqual(DEFAULT_RATE_LIMITS)
})
