import type { LockoutCounter, LockoutKey } from '../plugin.ts'
import { keyOf } from './key.ts'
import type { Tables } from './tables.ts'

/** The failures of one class of sources, past their end or not. */
export function counterOf({ counters }: Tables, key: LockoutKey): LockoutCounter | undefined {
  return counters.get(counterKeyOf(key))?.counter
}

/** The failures of one class of sources, where they still mean something. */
export function liveCounterOf(
  tables: Tables,
  key: LockoutKey,
  now: Date,
): LockoutCounter | undefined {
  const counter = counterOf(tables, key)
  return counter !== undefined && now < counter.expiresAt ? counter : undefined
}

/** The key of a counter's row. */
export function counterKeyOf(key: LockoutKey): string {
  return keyOf(key.organization, key.identity, key.method, key.class)
}
