import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import type { TokenClaims } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { Parts } from './parts.ts'
import { sourceNetwork } from './source.ts'

/** Believes the claims of a token that some source showed, or refuses it. */
export type CheckSignature = (
  token: string,
  now: Date,
  source?: Source,
) => MaybePromise<TokenClaims | Rejection<TokenReason>>

/**
 * Creates the check of signatures with its budget: a source that showed too many wrong ones waits. What was checked
 * before is believed at once, whoever forges beside it.
 */
export function createCheckSignature({
  tokenCheck,
  forgeries,
}: Pick<Parts, 'tokenCheck' | 'forgeries'>): CheckSignature {
  return (token, now, source) => {
    if (source === undefined) return tokenCheck.check(token, now)
    // The same one again costs no check, and must not use up what its neighbours have left.
    const isKnown = !forgeries.isQuiet(now) && tokenCheck.remembers(token)
    if (!forgeries.isQuiet(now) && !isKnown) {
      const wait = forgeries.wait(sourceNetwork(source), now)
      if (wait > 0) return new Rejection('too_many_forgeries', wait)
    }
    return after(tokenCheck.check(token, now), (claims) => {
      if (!isKnown && isRejection(claims) && claims.reason === 'bad_signature')
        forgeries.note(sourceNetwork(source), now)
      return claims
    })
  }
}
