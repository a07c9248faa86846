import type { Charge } from '@countersign/core/plugin'
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

/**
 * Names the mark that a token leaves behind, under its issuer; nothing where replay is not guarded against. A token without
 * an id is refused under `jti`: it would go unguarded.
 *
 * `signature` marks what was signed. Another signature over the same claims may verify as well (ECDSA: `n - s`), so the
 * text of the signature alone names nothing.
 */
export async function chargeOnce(
  { token, claims }: Pick<ReadJwt, 'token' | 'claims'>,
  replay: Replay,
  list: Checklist,
  leeway: number,
): Promise<readonly Charge[]> {
  if (replay === 'off') return []
  const { iss, jti, exp } = claims
  const id = replay === 'jti' ? jti : token.slice(0, token.lastIndexOf('.'))
  const isMarked = typeof id === 'string' && id !== ''
  if (!list.check('replay_id', isMarked, 'no_token_id') || !isMarked) return []
  const name = toUtf8(joinWithLengths(['jwt', replay, String(iss ?? ''), id]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(name)))
  const until = later(fromEpochSeconds(Number(exp)), leeway + 1)
  return [{ kind: 'once', key: `jwt:${toBase64Url(digest)}`, until }]
}
