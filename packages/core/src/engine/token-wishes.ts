import type { CountersignError } from '../errors.ts'
import { invalidRequest } from '../errors.ts'
import { isAudience } from '../lib/text.ts'
import type { LoginOptions } from '../model/grant.ts'
import type { Restriction } from '../model/permission/restriction.ts'
import { refuseRestriction } from '../model/permission/restriction.ts'
import type { TokenPolicy } from '../model/token-policy.ts'
import { refuseAudience } from '../model/token-policy.ts'
import type { Session } from './issue-token.ts'
import type { Parts } from './parts.ts'

/** What a caller wants of one token beside the usual one, read and in order. */
export interface TokenWishes {
  readonly restriction?: Restriction
  readonly audience?: string
}

/** Reads how a caller shapes a token; throws `invalid_request` for words that nobody knows. */
export function parseWishes(
  { vocabulary, issuer }: Pick<Parts, 'vocabulary' | 'issuer'>,
  { permissions, audience }: LoginOptions,
): TokenWishes {
  const problem = permissions && refuseRestriction(vocabulary, permissions)
  if (problem !== undefined) throw invalidRequest(problem, undefined, 'unknown_permission')
  if (audience !== undefined && !(typeof audience === 'string' && isAudience(audience)))
    throw wrongAudience()
  return {
    ...(permissions !== undefined && { restriction: [...new Set(permissions)] }),
    // Our own tokens are for us already.
    ...(audience !== undefined && audience !== issuer && { audience }),
  }
}

/** Says why an auth method grants no token for the service that is wished for. */
export function refuseWishes(policy: TokenPolicy, { audience }: TokenWishes): string | undefined {
  return audience === undefined ? undefined : refuseAudience(policy, audience)
}

/** Builds the answer to a service that this login may not have a token for, whatever the reason (RFC 8707 section 2). */
export function wrongAudience(): CountersignError {
  const message = 'audience must be a service that the auth method names'
  return invalidRequest(message, undefined, 'audience_not_allowed')
}

/** What a session's token is written with beside the usual. */
export function wished({ restriction, audience }: TokenWishes): Partial<Session> {
  return {
    ...(restriction !== undefined && { restriction }),
    ...(audience !== undefined && { audience }),
  }
}
