import type {
  LockoutCounter,
  LockoutKey,
  LockoutKeys,
  LockoutPolicy,
  Struck,
} from '@countersign/core/plugin'
import { ceilingOf, joinWithLengths } from '@countersign/core/plugin'
import type { Answer, Redis } from '../redis.ts'
import {
  clearCounters,
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
  strike(key: LockoutKeys, policy: LockoutPolicy, now: Date): Promise<Struck>
  /** Takes the counters of an attempt away that were read at an instant of Redis's own, but for those that are locked by now. */
  clear(key: LockoutKeys, readAt: number, now: Date): Promise<void>
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
    async strike(key, policy, now) {
      const rules = [ruleOf(policy, now), ruleOf(ceilingOf(policy), now)]
      const places = [keys.countersOf(key), keys.indexOf(key.organization)]
      const counted = fieldsOf(key).flatMap((field, index) => [field, rules[index] ?? ''])
      const values = [key.identity, ...counted]
      return toStruck(await redis.run(strikeCounter, places, values))
    },
    async clear(key, readAt, now) {
      const values = [String(now.getTime()), String(readAt + CLEARABLE), ...fieldsOf(key)]
      await redis.run(clearCounters, [keys.countersOf(key)], values)
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

/** The names of the counters of one attempt, the total last. */
function fieldsOf({ total, ...key }: LockoutKeys): readonly string[] {
  return [key.class, ...(total === undefined ? [] : [total])].map((name) =>
    toField({ ...key, class: name }),
  )
}

/** One text, as each value costs the client some time. */
function ruleOf({ threshold, window, duration }: LockoutPolicy, now: Date): string {
  return `${threshold} ${window * 1000} ${duration * 1000} ${now.getTime()}`
}

function toStruck([stored = '', counted, ...total]: Answer): Struck {
  const counter = fromCounterText(stored)
  if (counter === undefined) throw new Error('Redis answered no counter')
  const struck = { counter, counted: counted === '1' }
  return total.length === 0 ? struck : { ...struck, total: toStruck(total) }
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
