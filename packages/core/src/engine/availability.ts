import { isCountersignError, unavailable } from '../errors.ts'
import type { Storage } from '../ports/storage.ts'

type Verb = (...values: readonly unknown[]) => Promise<unknown>

/**
 * Decorates a storage so that whatever it throws is `unavailable`: "could not tell" is never mistaken for a "no", and a
 * 401 never sends every workload back to its login.
 */
export function withAvailability(storage: Storage): Storage {
  const guarded = Object.entries(storage).map(([name, member]) => [
    name,
    guardMember(member, storage),
  ])
  return Object.freeze(Object.fromEntries(guarded)) as Storage
}

function guardMember(member: unknown, owner: object): unknown {
  if (typeof member === 'function') return guardVerb(member as Verb, owner)
  if (typeof member !== 'object' || member === null) return member
  return Object.freeze(
    Object.fromEntries(
      Object.entries(member).map(([name, verb]) => [name, guardMember(verb, member)]),
    ),
  )
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
