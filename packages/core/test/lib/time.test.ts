import { expect, test } from 'vitest'
import {
  days,
  earliest,
  fromEpochSeconds,
  hours,
  later,
  minutes,
  secondsUntil,
  toEpochSeconds,
} from '../../src/lib/time.ts'

const at = (milliseconds: number) => new Date(milliseconds)

test('minutes(), hours() and days() answer seconds', () => {
  expect([minutes(2), hours(2), days(2)]).toEqual([120, 7200, 172_800])
})

test('later() moves an instant both ways and leaves the given one alone', () => {
  const instant = at(1500)
  expect(later(instant, 2)).toEqual(at(3500))
  expect(later(instant, -1)).toEqual(at(500))
  expect(instant).toEqual(at(1500))
})

test('toEpochSeconds() rounds down, before 1970 too', () => {
  expect(toEpochSeconds(at(1999))).toBe(1)
  expect(toEpochSeconds(at(2000))).toBe(2)
  expect(toEpochSeconds(at(-1))).toBe(-1)
  expect(fromEpochSeconds(2)).toEqual(at(2000))
})

test('secondsUntil() rounds up and never falls below 0', () => {
  expect(secondsUntil(at(0), at(1))).toBe(1)
  expect(secondsUntil(at(0), at(1000))).toBe(1)
  expect(secondsUntil(at(0), at(1001))).toBe(2)
  expect(secondsUntil(at(5), at(5))).toBe(0)
  expect(secondsUntil(at(5000), at(0))).toBe(0)
})

test('earliest() answers the first instant, and nothing where none comes', () => {
  expect(earliest(at(3), undefined, at(1), at(2))).toEqual(at(1))
  expect(earliest(undefined)).toBeUndefined()
  expect(earliest()).toBeUndefined()
})
