import { CountersignError } from '../errors.ts'
import { toUtf8 } from '../lib/bytes.ts'
import type { Restriction } from '../model/access-token.ts'
import type { GrantOptions } from '../model/grant.ts'
import {
  isWithin,
  MOST_RESTRICTION_BYTES,
  MOST_RESTRICTION_WORDS,
} from '../model/permission/restriction.ts'
import { isDeclared } from '../model/permission/vocabulary.ts'
import type { Parts } from './parts.ts'

/** How a host shapes a token, once it was read. */
export interface ParsedOptions extends Pick<GrantOptions, 'claims'> {
  /** What the token is to be restricted to; absent where it is not, or not any further. */
  readonly restriction?: Restriction
}

/**
 * Reads how a token is to be shaped. `held` is what the token that is shown is restricted to already: less may be asked
 * for, and nothing else.
 *
 * @throws `invalid_request` with the reason `invalid_scope` (RFC 6749 section 5.2).
 */
export function parseGrantOptions(
  { vocabulary }: Pick<Parts, 'vocabulary'>,
  { claims, permissions }: GrantOptions,
  held?: Restriction,
): ParsedOptions {
  const shaped = claims === undefined ? {} : { claims }
  if (permissions === undefined)
    return held === undefined ? shaped : { ...shaped, restriction: held }
  if (!Array.isArray(permissions) || permissions.length < 1)
    throw refused('must be a list of permissions')
  const words: readonly unknown[] = [...new Set<unknown>(permissions)]
  if (words.length > MOST_RESTRICTION_WORDS)
    throw refused(`must be at most ${MOST_RESTRICTION_WORDS} permissions`)
  const restriction: string[] = []
  for (const word of words) {
    if (typeof word !== 'string' || !isDeclared(vocabulary, word))
      throw refused('must be permissions of the vocabulary')
    if (!isWithin(held, word)) throw refused('must not name what the token is not good for')
    restriction.push(word)
  }
  if (toUtf8(restriction.join(' ')).length > MOST_RESTRICTION_BYTES)
    throw refused(`must be at most ${MOST_RESTRICTION_BYTES} bytes together`)
  return { ...shaped, restriction }
}

function refused(problem: string): CountersignError {
  const reason = 'invalid_scope'
  return new CountersignError('invalid_request', `permissions ${problem}`, { reason })
}
