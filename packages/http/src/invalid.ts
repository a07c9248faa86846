import { CountersignError } from '@countersign/core'

/** Builds the answer to a request that must be repaired; `message` names the field and holds no data. */
export function invalid(message: string): CountersignError {
  return new CountersignError('invalid_request', message)
}

/** Builds the answer to an id that this caller cannot see, whether it exists or not. */
export function missing(what: string): CountersignError {
  return new CountersignError('not_found', `There is no such ${what}`)
}
