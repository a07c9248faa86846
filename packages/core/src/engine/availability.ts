import { isCountersignError, unavailable } from '../errors.ts'
import type { Storage, Stores } from '../ports/storage.ts'

type Verb = (...values: readonly unknown[]) => Promise<unknown>

/** What of an authority is reached by verbs of its own; what else an adapter has beside is its own. */
const STORES = {
  organizations: true,
  projects: true,
  identities: true,
  authMethods: true,
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
  trail: true,
  sinkPlaces: true,
} satisfies Record<keyof Stores | 'trail' | 'sinkPlaces', true>

/**
 * Decorates a storage so that whatever it throws is `unavailable`: "could not tell" is never mistaken for a "no", and a
 * 401 never sends every workload back to its login.
 */
export function withAvailability(storage: Storage): Storage {
  const stores = (Object.keys(STORES) as (keyof typeof STORES)[]).map((name) => [
    name,
    guardVerbs(storage[name]),
  ])
  return Object.freeze({
    ...(guardVerbs(storage) as Storage),
    ...Object.fromEntries(stores),
    durable: storage.durable,
  })
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
