import type { LockoutCounter, LockoutKey, LockoutPolicy, Struck } from '@countersign/core/plugin'
import { joinWithLengths } from '@countersign/core/plugin'
import type { Answer, Redis } from '../redis.ts'
import {
  clearCounter,
  dropCounters,
  listCounters,
  readCounters,
  strikeCounter,
} from '../scripts/lockouts.ts'
import { fromCounterText, fromField, toField } from './counter-text.ts'

/** Whose counters are read, and which. */
export type CountersOf = Omit<LockoutKey, 'class'> & {
  readonly classes: readonly LockoutKey['class'][]
}

/** Counters that were read, and when by Redis's own clock. */
export interface CountersRead {
  readonly counters: readonly (LockoutCounter | undefined)[]
  readonly readAt: number
}

/** The counters of failures in Redis; every verb is one round trip and throws `RedisAway`. */
export interface LockoutCounters {
  read(asked: CountersOf): Promise<CountersRead>
  strike(key: LockoutKey, policy: LockoutPolicy, now: Date): Promise<Struck>
  /** Takes a counter away that was read at an instant of Redis's own, unless it is locked by now. */
  clear(key: LockoutKey, readAt: number, now: Date): Promise<void>
  list(filter: CounterFilter, now: Date): Promise<readonly FoundCounter[]>
  drop(filter: CounterFilter): Promise<void>
}

/** Selects counters of one organization. */
export interface CounterFilter {
  readonly organization: string
  /** All that have failed where absent. */
  readonly identities?: readonly string[] | undefined
  readonly method?: string | undefined
}

/** One counter, and what it counts. */
export interface FoundCounter extends LockoutKey {
  readonly counter: LockoutCounter
}

/** Milliseconds after which a counter is not cleared any more: others may have failed since. */
const CLEARABLE = 1000

/** Creates the counters. All of one organization live in one slot of a Cluster, so that a script sees them together. */
export function createLockoutCounters(redis: Redis): LockoutCounters {
  const keys = keysIn(redis.prefix)

  return {
    async read(asked) {
      const fields = asked.classes.map((name) => toField({ ...asked, class: name }))
      const [readAt, ...stored] = await redis.run(readCounters, [keys.countersOf(asked)], fields)
      return { readAt: Number(readAt), counters: stored.map(fromCounterText) }
    },
    async strike(key, { threshold, window, duration }, now) {
      const rule = `${threshold} ${window * 1000} ${duration * 1000} ${now.getTime()}`
      const places = [keys.countersOf(key), keys.indexOf(key.organization)]
      const values = [toField(key), key.identity, rule]
      return toStruck(await redis.run(strikeCounter, places, values))
    },
    async clear(key, readAt, now) {
      const values = [toField(key), String(now.getTime()), String(readAt + CLEARABLE)]
      await redis.run(clearCounter, [keys.countersOf(key)], values)
    },
    async list({ organization, identities = [], method }, now) {
      const values = [keys.beginningOf(organization), String(now.getTime()), ...identities]
      const answer = await redis.run(listCounters, [keys.indexOf(organization)], values)
      const found = toFound(organization, answer)
      return method === undefined ? found : found.filter((counter) => counter.method === method)
    },
    async drop({ organization, identities = [], method }) {
      const fields = method === undefined ? '' : joinWithLengths([method])
      const values = [fields, keys.beginningOf(organization), '-inf', ...identities]
      await redis.run(dropCounters, [keys.indexOf(organization)], values)
    },
  }
}

function keysIn(prefix: string) {
  const beginningOf = (organization: string): string => `${prefix}:{${organization}}:failures:`
  return {
    beginningOf,
    countersOf: ({ organization, identity }: Pick<LockoutKey, 'organization' | 'identity'>) =>
      beginningOf(organization) + identity,
    indexOf: (organization: string): string => `${prefix}:{${organization}}:failing`,
  }
}

function toStruck([stored = '', counted]: Answer): Struck {
  const counter = fromCounterText(stored)
  if (counter === undefined) throw new Error('Redis answered no counter')
  return { counter, counted: counted === '1' }
}

function toFound(organization: string, answer: Answer): readonly FoundCounter[] {
  const found: FoundCounter[] = []
  for (let at = 0; at + 2 < answer.length; at += 3) {
    const [identity = '', field = '', stored = ''] = answer.slice(at, at + 3)
    const [name, counter] = [fromField(field), fromCounterText(stored)]
    if (name !== undefined && counter !== undefined)
      found.push({ organization, identity, ...name, counter })
  }
  return found
}
