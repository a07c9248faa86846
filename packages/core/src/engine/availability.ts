import { isCountersignError, unavailable } from '../errors.ts'
import type { SinkPlaces } from '../ports/sink-places.ts'
import type { Storage, Stores } from '../ports/storage.ts'
import type { Trail } from '../ports/trail.ts'

type Verb = (...values: readonly unknown[]) => Promise<unknown>

/** The stores of an authority; what else an adapter has beside them is its own. */
const STORES = {
  organizations: true,
  projects: true,
  identities: true,
  authMethods: true,
  authTemplates: true,
  roles: true,
  roleBindings: true,
  clientSecrets: true,
  staticTokens: true,
  logins: true,
  tokens: true,
  lockouts: true,
  keys: true,
  rootKeys: true,
  outbox: true,
} satisfies Record<keyof Stores, true>

/**
 * Decorates a storage so that whatever it throws is `unavailable`: "could not tell" is never mistaken for a "no", and a
 * 401 never sends every workload back to its login.
 */
export function withAvailability(storage: Storage): Storage {
  return Object.freeze({
    ...(guardVerbs(storage) as Storage),
    ...guardStores(storage),
    trail: guardVerbs(storage.trail) as Trail,
    sinkPlaces: guardVerbs(storage.sinkPlaces) as SinkPlaces,
    durable: storage.durable,
    ...(storage.within !== undefined && {
      within: (transaction: unknown) => guardStores(storage.within?.(transaction) ?? storage),
    }),
  })
}

function guardStores(stores: Stores): Stores {
  const guarded = (Object.keys(STORES) as (keyof Stores)[]).map((name) => [
    name,
    guardVerbs(stores[name]),
  ])
  return Object.fromEntries(guarded)
}

/** An adapter may be a class: its verbs then stand on its prototype. */
function guardVerbs(owner: object): object {
  const guarded: Record<string, Verb> = {}
  for (const name of namesOf(owner)) {
    const verb: unknown = Reflect.get(owner, name)
    if (typeof verb === 'function') guarded[name] = guardVerb(verb as Verb, owner)
  }
  return Object.freeze(guarded)
}

function namesOf(owner: object): readonly string[] {
  const prototype: object | null = Object.getPrototypeOf(owner)
  if (prototype === null || prototype === Object.prototype) return Object.keys(owner)
  const inherited = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor')
  return [...Object.keys(owner), ...inherited, ...namesOf(prototype)]
}

function guardVerb(verb: Verb, owner: object): Verb {
  return async (...values) => {
    try {
      return await verb.apply(owner, [...values])
    } catch (error) {
      throw isCountersignError(error) ? error : unavailable(error)
    }
  }
}
