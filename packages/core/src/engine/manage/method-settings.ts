import { invalidRequest } from '../../errors.ts'
import type {
  AuthMethodSettings,
  LockoutInput,
  NamedAuthMethod,
  TokenPolicyInput,
} from '../../input/auth-method.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { Seconds } from '../../lib/time.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Event, EventType } from '../../model/event.ts'
import type { Identity } from '../../model/identity.ts'
import type { LockoutPolicy } from '../../model/lockout.ts'
import { DEFAULT_LOCKOUT } from '../../model/lockout.ts'
import type { TokenPolicy } from '../../model/token-policy.ts'
import { DEFAULT_TOKEN_POLICY } from '../../model/token-policy.ts'
import type { Desk } from './command.ts'
import { firstRevision } from './keeper.ts'
import type { PolicyDesk } from './policy-settings.ts'
import { buildPolicy, changePolicy } from './policy-settings.ts'

/** Builds the record of an auth method from what a caller said; the verifier judges its own policy. */
export async function buildAuthMethod(
  desk: PolicyDesk & Pick<Desk, 'clock' | 'maxTokenAge'>,
  { organization, id }: Pick<Identity, 'organization' | 'id'>,
  settings: NamedAuthMethod,
): Promise<AuthMethod> {
  const { clock, runtime, maxTokenAge } = desk
  const now = clock.now()
  const method = { id: mintId('amt', now, runtime.random), organization, method: settings.method }
  return {
    ...method,
    identity: id,
    ...(await buildPolicy(desk, method, settings)),
    tokenPolicy: mergeTokenPolicy(
      defaultsBeside(settings.tokenPolicy),
      settings.tokenPolicy,
      maxTokenAge,
    ),
    lockout: mergeLockout(DEFAULT_LOCKOUT, settings.lockout),
    ...firstRevision(now),
  }
}

/** The auth method with new settings; what they leave out stays. */
export async function changeAuthMethod(
  desk: PolicyDesk & Pick<Desk, 'maxTokenAge'>,
  standing: AuthMethod,
  { policy, template, tokenPolicy, lockout }: AuthMethodSettings,
): Promise<AuthMethod> {
  const { maxTokenAge } = desk
  const { policy: _policy, template: _template, ...rest } = standing
  const isChanged = policy !== undefined || template !== undefined
  return {
    ...(isChanged
      ? { ...rest, ...(await changePolicy(desk, standing, { policy, template })) }
      : standing),
    ...(tokenPolicy !== undefined && {
      tokenPolicy: mergeTokenPolicy(standing.tokenPolicy, tokenPolicy, maxTokenAge),
    }),
    ...(lockout !== undefined && { lockout: mergeLockout(standing.lockout, lockout) }),
  }
}

function mergeTokenPolicy(
  standing: TokenPolicy,
  input: TokenPolicyInput = {},
  ceiling: Seconds,
): TokenPolicy {
  const {
    trustedSources,
    maxUses = standing.maxUses,
    period = standing.period,
    boundTo = standing.boundTo,
    audiences = standing.audiences ?? [],
    ...lifetimes
  } = input
  const merged: TokenPolicy = {
    ttl: standing.ttl,
    maxTtl: standing.maxTtl,
    ...defined(lifetimes),
    ...(typeof period === 'number' && { period }),
    ...(typeof maxUses === 'number' && { maxUses }),
    trustedSources: { ...standing.trustedSources, ...defined(trustedSources ?? {}) },
    ...(boundTo !== undefined && boundTo !== 'nothing' && { boundTo }),
    ...(audiences.length > 0 && { audiences }),
  }
  refuseTokenPolicy(merged, ceiling)
  return merged
}

/** The defaults, moved so that a lifetime which was stated alone does not contradict the other one. */
function defaultsBeside({ ttl, maxTtl }: TokenPolicyInput = {}): TokenPolicy {
  const longest = maxTtl === 'unbounded' || maxTtl === undefined ? DEFAULT_TOKEN_POLICY.ttl : maxTtl
  return {
    ...DEFAULT_TOKEN_POLICY,
    ttl: Math.min(DEFAULT_TOKEN_POLICY.ttl, longest),
    maxTtl: Math.max(DEFAULT_TOKEN_POLICY.ttl, ttl ?? 0),
  }
}

function refuseTokenPolicy({ ttl, maxTtl, period }: TokenPolicy, ceiling: Seconds): void {
  if (maxTtl !== 'unbounded' && ttl > maxTtl)
    throw invalidRequest('tokenPolicy.ttl must not be greater than maxTtl')
  if (ttl > ceiling) throw invalidRequest(`tokenPolicy.ttl must be at most ${ceiling} seconds here`)
  if (period !== undefined && period > ceiling)
    throw invalidRequest(`tokenPolicy.period must be at most ${ceiling} seconds here`)
}

function mergeLockout(
  standing: LockoutPolicy | 'off',
  input: LockoutInput = {},
): LockoutPolicy | 'off' {
  if (input === 'off') return 'off'
  if (standing === 'off' && Object.keys(defined(input)).length === 0) return 'off'
  return { ...(standing === 'off' ? DEFAULT_LOCKOUT : standing), ...defined(input) }
}

/** The event of a change to an auth method. */
export function methodEvent(
  { note }: Desk,
  type: EventType,
  { organization, id, identity, method }: AuthMethod,
): Event {
  return note({
    type,
    organization,
    target: { kind: 'auth_method', id },
    details: { identity, method },
  })
}
