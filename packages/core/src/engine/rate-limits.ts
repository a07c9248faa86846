import { CountersignError } from '../errors.ts'
import type { RateLimitSettings } from '../input/rate-limits.ts'
import { defined } from '../lib/defined.ts'
import { joinWithLengths } from '../lib/lengths.ts'
import { ANONYMOUS } from '../model/actor.ts'
import type { RateLimit } from '../model/rate-limit.ts'
import type { Subject } from '../model/role-binding.ts'
import type { RateDemand, RateLimiter } from '../ports/rate-limiter.ts'
import type { Attempt } from './attempt.ts'
import type { Clock } from './clock.ts'
import type { Refusals } from './refusals.ts'

/** Refuses what comes too often, before anything else is asked. */
export interface RateLimits {
  /** @throws `rate_limited` with the seconds to wait. */
  admitLogin(attempt: Attempt): Promise<void>
  /** @throws `rate_limited` with the seconds to wait. */
  admitManagement(organization: string, subject: Subject): Promise<void>
}

/** What limits are counted with. */
export interface RateLimitParts {
  readonly limiter: RateLimiter
  readonly clock: Clock
  readonly refusals: Pick<Refusals, 'report'>
}

type Limits = { readonly [Name in keyof RateLimitSettings]-?: RateLimit }

/** Limits that a host leaves as they are: far above what a healthy deployment does. */
export const DEFAULT_RATE_LIMITS: Limits = {
  loginsPerAddress: { most: 6000, window: 60 },
  loginsPerIdentity: { most: 3000, window: 60 },
  loginsPerCredential: { most: 3000, window: 60 },
  managementPerPrincipal: { most: 1200, window: 60 },
}

/** Creates the limits of an engine; `'off'` limits nothing. */
export function createRateLimits(
  { limiter, clock, refusals }: RateLimitParts,
  settings: RateLimitSettings | 'off',
): RateLimits {
  if (settings === 'off') return UNLIMITED
  const limits: Limits = { ...DEFAULT_RATE_LIMITS, ...defined(settings) }

  async function take(demands: readonly RateDemand[]): Promise<CountersignError | undefined> {
    const retryAfter = await limiter.take(demands, clock.now())
    if (retryAfter === 0) return undefined
    const wait = { reason: 'rate_limited', retryAfter }
    return new CountersignError('rate_limited', 'This comes too often; try again later', wait)
  }

  return {
    async admitLogin(attempt) {
      const refused = await take(demandsOf(attempt, limits))
      if (refused === undefined) return
      const target = { kind: 'identity', id: 'unknown' } as const
      const draft = {
        type: 'login.refused',
        actor: ANONYMOUS,
        target,
        reason: 'rate_limited',
      } as const
      refusals.report({ ...draft, details: { method: attempt.method } }, attempt.network)
      throw refused
    },
    async admitManagement(organization, { kind, id }) {
      const refused = await take([
        demand(['management', organization, kind, id], limits.managementPerPrincipal),
      ])
      if (refused !== undefined) throw refused
    },
  }
}

const UNLIMITED: RateLimits = {
  admitLogin: async () => undefined,
  admitManagement: async () => undefined,
}

function demandsOf(
  { network, identity, digests: [digest] }: Attempt,
  limits: Limits,
): readonly RateDemand[] {
  return [
    demand(['address', network], limits.loginsPerAddress),
    ...(identity === undefined ? [] : [demand(['identity', identity], limits.loginsPerIdentity)]),
    ...(digest === undefined
      ? []
      : [demand(['credential', digest.value], limits.loginsPerCredential)]),
  ]
}

function demand(parts: readonly string[], limit: RateLimit): RateDemand {
  return { key: joinWithLengths(parts), limit }
}
