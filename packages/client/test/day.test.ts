import { isClientError } from '@countersign/client'
import { describe, expect, test } from 'vitest'
import { aDay } from './support/day.ts'

const HOUR = 3600

describe('a day of a workload', () => {
  test('goes by without a failed call outside the outages, whatever else goes wrong', async () => {
    const day = await aDay({
      lifetime: 1800,
      longest: 4 * HOUR,
      outages: [
        { from: 2 * HOUR, seconds: 60 },
        { from: 7 * HOUR + 100, seconds: 600 },
        { from: 15 * HOUR + 7, seconds: 1800 },
      ],
      keysRotateAt: [5 * HOUR, 13 * HOUR],
      failOneIn: 10,
      clockOff: 40,
    })
    while (day.elapsed() < 24 * HOUR) {
      await day.callEach(4)
      day.advance(20)
    }
    expect(day.failedOutsideOutages()).toEqual([])
    expect(day.calls()).toBeGreaterThan(10_000)
    expect(day.mostLoginsAtOnce()).toBe(1)
    expect(day.mostRequestsInAMinute()).toBeLessThanOrEqual(20)
    // A login ends after four hours, and two outages outlast what is left of a token.
    expect(day.toldOf('logged_in')).toBeLessThanOrEqual(9)
    expect(day.toldOf('renewed')).toBeGreaterThan(24)
  }, 120_000)

  test('keeps its calls where the outage is shorter than what is left of the token', async () => {
    const day = await aDay({ lifetime: 7200, longest: 24 * HOUR, outages: [] })
    await day.callEach(1)
    day.advance(6000)
    day.goAway()
    await day.callEach(1)
    expect(day.failed()).toEqual([])
  })

  test('throws for want of an answer in an outage, after bounded attempts, and none of them is a storm', async () => {
    const day = await aDay({ lifetime: 600, longest: HOUR, outages: [] })
    day.goAway()
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => day.token()))
    for (const result of results) {
      expect(result.status).toBe('rejected')
      const error = result.status === 'rejected' ? result.reason : undefined
      expect(isClientError(error) && error.code).toBe('unreachable')
    }
    expect(day.counts().login).toBe(5)
    day.comeBack()
    await expect(day.token()).resolves.toMatch(/^ey/)
  })
})
