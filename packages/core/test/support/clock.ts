import type { Seconds } from '../../src/lib/time.ts'
import { later } from '../../src/lib/time.ts'

/** A clock that stands still until a test moves it. */
export interface HandClock {
  now(): Date
  advance(by: Seconds): void
  set(instant: Date): void
}

/** The instant that every test begins at. */
export const START: Date = new Date('2026-03-01T12:00:00.000Z')

/** The instant so many seconds after the beginning. */
export function at(seconds: Seconds): Date {
  return later(START, seconds)
}

/** Creates a clock that shows `START`. */
export function createHandClock(): HandClock {
  let shown = START
  return {
    now: () => new Date(shown),
    advance(by) {
      shown = later(shown, by)
    },
    set(instant) {
      shown = instant
    },
  }
}
