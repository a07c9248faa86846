import { CountersignError } from '../errors.ts'
import { toUtf8 } from '../lib/bytes.ts'
import { isAudience } from '../lib/text.ts'
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
  /** The service that it is for, where that is not the issuer. */
  readonly audience?: string
}

/**
 * Reads how a token is to be shaped. `held` is what the token that is shown is restricted to already: less may be asked
 * for, and nothing else.
 *
 * @throws `invalid_request` with the reason `invalid_scope` (RFC 6749 section 5.2), or `invalid_target` (RFC 8707).
 */
export function parseGrantOptions(
  { vocabulary, issuer }: Pick<Parts, 'vocabulary' | 'issuer'>,
  { claims, permissions, audience }: GrantOptions,
  held?: Restriction,
): ParsedOptions {
  const shaped = {
    ...(claims !== undefined && { claims }),
    ...(audience !== undefined && readAudience(audience, issuer)),
  }
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

/** Reads which service a token is for. Our own tokens are for us already. */
function readAudience(audience: unknown, issuer: string): Pick<ParsedOptions, 'audience'> {
  if (typeof audience !== 'string' || !isAudience(audience)) throw wrongTarget()
  return audience === issuer ? {} : { audience }
}

/** Builds the answer to a service that this login may not have a token for, whatever the reason (RFC 8707 section 2). */
export function wrongTarget(): CountersignError {
  const message = 'audience must be a service that the auth method names'
  return new CountersignError('invalid_request', message, { reason: 'invalid_target' })
}
