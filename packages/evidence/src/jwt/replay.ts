import type { Charge, Seconds } from '@countersign/core/plugin'
import {
  fromEpochSeconds,
  joinWithLengths,
  later,
  toBase64Url,
  toUtf8,
} from '@countersign/core/plugin'
import type { Checklist } from '../checklist.ts'
import type { ReadJwt } from './read-jwt.ts'

/** How one token is kept from opening two logins: not at all, by its id, or by its signature where it has no id. */
export type Replay = 'off' | 'jti' | 'signature'

/** How a token is marked, and for whom. */
export interface Marking {
  readonly replay: Replay
  readonly leeway: Seconds
  /** Marks of one tenant are none of another's: nobody can use up what others will present. */
  readonly organization: string
}

/**
 * Names the mark that a token leaves behind, under its issuer; nothing where replay is not guarded against. A token without
 * an id is refused under `jti`: it would go unguarded.
 *
 * `signature` marks what was signed. Another signature over the same claims may verify as well (ECDSA: `n - s`), so the
 * text of the signature alone names nothing.
 */
export async function chargeOnce(
  { token, claims }: Pick<ReadJwt, 'token' | 'claims'>,
  { replay, leeway, organization }: Marking,
  list: Checklist,
): Promise<readonly Charge[]> {
  if (replay === 'off') return []
  const { iss, jti, exp } = claims
  const id = replay === 'jti' ? jti : token.slice(0, token.lastIndexOf('.'))
  const isMarked = typeof id === 'string' && id !== ''
  if (!list.check('replay_id', isMarked, 'no_token_id') || !isMarked) return []
  // A mark that never ends would be kept for ever.
  const ends = typeof exp === 'number' && Number.isSafeInteger(exp)
  if (!list.check('replay_end', ends, 'no_expiry') || !ends) return []
  const name = toUtf8(joinWithLengths([organization, replay, String(iss ?? ''), id]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(name)))
  const until = later(fromEpochSeconds(exp), leeway + 1)
  return [{ kind: 'once', key: `jwt:${toBase64Url(digest)}`, until }]
}
