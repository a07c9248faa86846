import type { RateCount, RateLimit } from '../model/rate-limit.ts'
import { rollTo } from '../model/rate-limit.ts'
import { createNumberRows, nameOfKey } from './number-rows.ts'

/** One count as it stands at an instant, and how to write the next. */
export interface RateEntry {
  readonly counted: RateCount
  /** Counts one more. */
  add(): void
}

/** Counts by key, of one node. */
export interface RateCounts {
  /** What was counted under a key in the window that holds an instant. */
  find(key: string, limit: RateLimit, now: Date): RateEntry
}

/** Creates counts; beyond `most` keys, those asked for longest ago are forgotten. */
export function createRateCounts(most: number): RateCounts {
  const rows = createNumberRows(most, 3)
  return {
    find(key, limit, now) {
      const name = nameOfKey(key)
      const counted = rollTo(toCount(rows.get(name)), limit, now)
      const { window, count, before } = counted
      return { counted, add: () => rows.set(name, [window, count + 1, before]) }
    },
  }
}

function toCount(row: readonly number[] | undefined): RateCount | undefined {
  if (row === undefined) return undefined
  const [window = 0, count = 0, before = 0] = row
  return { window, count, before }
}
