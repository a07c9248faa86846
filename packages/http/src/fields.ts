import { CountersignError } from '@countersign/core'
import type { Fields } from './read-body.ts'

/** Answers a text out of a body, or throws `invalid_request` with a sentence that names the field and nothing else. */
export function requireText(body: Fields, name: string, longest: number): string {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (value === undefined) throw new CountersignError('invalid_request', `${name} is required`)
  if (typeof value !== 'string')
    throw new CountersignError('invalid_request', `${name} must be a string`)
  if (value === '') throw new CountersignError('invalid_request', `${name} must not be empty`)
  if (value.length > longest)
    throw new CountersignError('invalid_request', `${name} must be at most ${longest} characters`)
  if (/\p{Surrogate}/u.test(value))
    throw new CountersignError('invalid_request', `${name} must be well-formed text`)
  return value
}
