import { LRUCache } from 'lru-cache'
import { days } from '../lib/time.ts'
import type { LockoutKey, Struck } from '../model/lockout.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { Expiring, ExpiryQuery } from '../ports/credential-store.ts'
import type { StoredKeyRing } from '../ports/key-store.ts'
import type { Storage } from '../ports/storage.ts'
import type { OpenBatch } from '../ports/trail.ts'
import type { Gauges } from './instruments.ts'

/** Tells how long each verb of a storage took, and whether it answered. */
export type RecordVerb = (verb: string, outcome: 'ok' | 'failed', seconds: number) => void

/** A storage that is watched, and what was seen in passing. */
export interface ObservedStorage {
  readonly storage: Storage
  readonly gauges: Pick<
    Gauges,
    'activeLockouts' | 'keyAge' | 'auditBacklog' | 'expiringCredentials'
  >
}

type Verb = (...values: readonly unknown[]) => Promise<unknown>

/** Locks that one node keeps in mind. */
const MOST_LOCKS = 10_000

/** Watches a storage whose verbs all answer promises: it changes no answer, and asks nothing by itself. */
export function observeStorage(
  storage: Storage,
  clock: () => Date,
  recordVerb: RecordVerb,
): ObservedStorage {
  const locks = new LRUCache<string, number>({ max: MOST_LOCKS })
  let activeFrom: Date | undefined
  let backlog: number | undefined
  const expiring = createExpiryCounts()

  /** What verbs answer in passing. */
  const notes: Readonly<Record<string, (answer: never, told: readonly never[]) => void>> = {
    'logins.strike': ({ counter }: Struck, [key]: readonly LockoutKey[]) => {
      if (counter.locked) locks.set(JSON.stringify(key), counter.expiresAt.getTime())
    },
    'keys.list': ({ keys }: StoredKeyRing) => {
      activeFrom = keys.findLast((key) => phaseOf(key, clock()) === 'active')?.activeFrom
    },
    'clientSecrets.expiring': expiring.noteFor('clientSecrets'),
    'staticTokens.expiring': expiring.noteFor('staticTokens'),
    'trail.open': ({ events }: OpenBatch) => {
      backlog = events.length
    },
  }

  function watch(name: string, verb: Verb): Verb {
    return async (...values) => {
      const began = clock().getTime()
      const seconds = (): number => (clock().getTime() - began) / 1000
      try {
        const answer = await verb(...values)
        recordVerb(name, 'ok', seconds())
        notes[name]?.(answer as never, values as never)
        return answer
      } catch (error) {
        recordVerb(name, 'failed', seconds())
        throw error
      }
    }
  }

  return {
    storage: mapVerbs(storage, watch) as Storage,
    gauges: {
      activeLockouts: () => [...locks.values()].filter((end) => end > clock().getTime()).length,
      keyAge: () => activeFrom && (clock().getTime() - activeFrom.getTime()) / 1000,
      auditBacklog: () => backlog,
      expiringCredentials: expiring.counts,
    },
  }
}

/** Keeps how many credentials of each kind end within so many days, as they were counted last. */
function createExpiryCounts() {
  const ofKinds = new Map<string, Map<number, number>>()
  return {
    noteFor(kind: string) {
      const counted = new Map<number, number>()
      ofKinds.set(kind, counted)
      return ({ count }: Expiring<unknown>, [query]: readonly ExpiryQuery[]) => {
        if (query !== undefined) counted.set(query.within / days(1), count)
      }
    },
    counts(): ReadonlyMap<number, number> {
      const sum = new Map<number, number>()
      for (const counted of ofKinds.values())
        for (const [within, count] of counted) sum.set(within, (sum.get(within) ?? 0) + count)
      return sum
    },
  }
}

type Watch = (name: string, verb: Verb) => Verb

/** Puts something in the place of every verb of every store; what stands inside a transaction is its own. */
function mapVerbs(storage: Storage, watch: Watch): object {
  const members = Object.entries(storage).map(([name, member]: [string, unknown]) => {
    if (typeof member === 'object' && member !== null) return [name, mapStore(name, member, watch)]
    // It answers stores, and asks nobody.
    if (typeof member !== 'function' || name === 'within') return [name, member]
    return [name, watch(name, member as Verb)]
  })
  return Object.fromEntries(members)
}

function mapStore(name: string, store: object, watch: Watch): object {
  const verbs = Object.entries(store as Record<string, Verb>)
  return Object.fromEntries(verbs.map(([verb, run]) => [verb, watch(`${name}.${verb}`, run)]))
}
