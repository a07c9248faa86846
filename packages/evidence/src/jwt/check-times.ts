import type { Seconds } from '@countersign/core/plugin'
import type { Checklist } from '../checklist.ts'
import { instant } from '../checklist.ts'
import type { JwtProfile } from './jwt-profile.ts'
import type { Claims } from './read-jwt.ts'

/** Checks what a token says about time: an end it must have, and no claim may be anything but whole seconds. */
export function checkTimes(
  { exp, nbf, iat }: Claims,
  profile: JwtProfile,
  list: Checklist,
  now: Seconds,
): boolean {
  const { leeway, maxAge, maxLifetime, undated } = profile
  return (
    list.check(
      'expiry',
      isSeconds(exp) && now < exp + leeway,
      isSeconds(exp) ? 'token_expired' : 'no_expiry',
      () => ({
        expected: `after ${instant(now - leeway)}`,
        presented: instant(exp),
      }),
    ) &&
    list.check(
      'not_before',
      nbf === undefined || (isSeconds(nbf) && nbf <= now + leeway),
      'token_not_yet_valid',
      () => ({
        expected: `until ${instant(now + leeway)}`,
        presented: instant(nbf),
      }),
    ) &&
    list.check(
      'issued_at',
      iat === undefined ? undated : isSeconds(iat) && iat <= now + leeway,
      'token_issued_in_future',
      () => ({
        expected: `until ${instant(now + leeway)}`,
        presented: instant(iat),
      }),
    ) &&
    list.check('age', !isSeconds(iat) || now - iat < maxAge + leeway, 'token_too_old', () => ({
      expected: `after ${instant(now - maxAge - leeway)}`,
      presented: instant(iat),
    })) &&
    list.check(
      'lifetime',
      isSeconds(exp) && exp - (isSeconds(iat) ? iat : now) <= maxLifetime,
      'lifetime_too_long',
      () => ({
        expected: `at most ${maxLifetime} seconds`,
        presented: isSeconds(exp) && isSeconds(iat) ? `${exp - iat} seconds` : instant(exp),
      }),
    )
  )
}

/** RFC 7519 lets a NumericDate have a fraction; no issuer of workload tokens writes one, and a bound must not round. */
function isSeconds(value: unknown): value is Seconds {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
