import type {
  AuthMethod,
  AuthMethodSettings,
  LockoutInput,
  TokenPolicyInput,
  WireMapping,
} from '@countersign/core'
import * as z from 'zod'
import { toMaxTtl, UNBOUNDED } from './grant.ts'
import { policyFields, toPolicyAnswer } from './policy.ts'
import { flag, seconds, stamp, TEN_YEARS, uses, whole } from './words.ts'

interface WireNetwork {
  readonly ipAddress: string
}

/** The settings of a method as a client says them. */
export interface WireSettings {
  readonly accessTokenTTL?: number | undefined
  readonly accessTokenMaxTTL?: number | undefined
  readonly accessTokenNumUsesLimit?: number | undefined
  readonly accessTokenPeriod?: number | undefined
  readonly accessTokenTrustedIps?: readonly WireNetwork[] | undefined
  /** Ours: what every token must be bound to. */
  readonly accessTokenBoundTo?: TokenPolicyInput['boundTo']
  readonly clientSecretTrustedIps?: readonly WireNetwork[] | undefined
  readonly lockoutEnabled?: boolean | undefined
  readonly lockoutThreshold?: number | undefined
  readonly lockoutDurationSeconds?: number | undefined
  readonly lockoutCounterResetSeconds?: number | undefined
  readonly templateId?: string | undefined
}

const networks = z
  .array(z.strictObject({ ipAddress: z.string('must be a string').max(64) }), 'must be a list')
  .min(1, 'must not be empty; write 0.0.0.0/0 and ::/0 for every address')
  .max(1000, 'must have at most 1000 entries')

const templateId = z.string('must be a string').max(256, 'must be at most 256 characters long')

const maxTtl = z.union(
  [whole(0, TEN_YEARS), z.literal(UNBOUNDED)],
  `must be a whole number of seconds, at most ${TEN_YEARS}, or ${UNBOUNDED} for no end`,
)

const BOUND_TO = 'must be dpop, certificate or nothing'

/** The settings that a method has on this wire: those of every method, its own, and those of its policy. */
export function settingsSchema({
  also = [],
  policy,
  template,
}: WireMapping): z.ZodType<WireSettings> {
  return z.strictObject({
    accessTokenTTL: seconds.optional(),
    accessTokenMaxTTL: maxTtl.optional(),
    accessTokenNumUsesLimit: uses.optional(),
    accessTokenTrustedIps: networks.optional(),
    accessTokenBoundTo: z.enum(['dpop', 'certificate', 'nothing'], BOUND_TO).optional(),
    ...(also.includes('accessTokenPeriod') && { accessTokenPeriod: seconds.optional() }),
    ...(also.includes('clientSecretTrustedIps') && { clientSecretTrustedIps: networks.optional() }),
    ...(also.includes('lockout') && {
      lockoutEnabled: flag.optional(),
      lockoutThreshold: whole(1, 30).optional(),
      lockoutDurationSeconds: whole(30, 86_400).optional(),
      lockoutCounterResetSeconds: whole(5, 3600).optional(),
    }),
    ...(template !== undefined && { templateId: templateId.optional() }),
    ...policyFields(policy),
  }) as unknown as z.ZodType<WireSettings>
}

/** How 0, and an empty template, is read: where a method is attached it is as if it were not said, and where one is changed it takes a limit away. */
export type Zero = 'absent' | 'unlimited'

/** Reads the settings of every method. */
export function fromSettings(
  said: WireSettings,
  zero: Zero,
): Pick<AuthMethodSettings, 'tokenPolicy' | 'lockout' | 'template'> {
  const tokenPolicy = tokenPolicyOf(said, zero)
  const lockout = lockoutOf(said)
  return {
    ...(Object.keys(tokenPolicy).length > 0 && { tokenPolicy }),
    ...(lockout !== undefined && { lockout }),
    ...(said.templateId && { template: said.templateId }),
    ...(said.templateId === '' && zero === 'unlimited' && { template: 'none' }),
  }
}

function tokenPolicyOf(said: WireSettings, zero: Zero): TokenPolicyInput {
  const { accessTokenTTL: ttl, accessTokenMaxTTL: most, accessTokenNumUsesLimit: limit } = said
  const { accessTokenPeriod: period, accessTokenTrustedIps, clientSecretTrustedIps } = said
  const { accessTokenBoundTo: boundTo } = said
  const trustedSources = {
    ...(clientSecretTrustedIps && { credential: addressesOf(clientSecretTrustedIps) }),
    ...(accessTokenTrustedIps && { token: addressesOf(accessTokenTrustedIps) }),
  }
  return {
    ...(ttl && { ttl }),
    ...(most && { maxTtl: most === UNBOUNDED ? 'unbounded' : most }),
    ...(limit && { maxUses: limit }),
    ...(limit === 0 && zero === 'unlimited' && { maxUses: 'unlimited' }),
    ...(period && { period }),
    ...(period === 0 && zero === 'unlimited' && { period: 'none' }),
    ...(boundTo && { boundTo }),
    ...(Object.keys(trustedSources).length > 0 && { trustedSources }),
  }
}

function addressesOf(list: readonly WireNetwork[]): readonly string[] {
  return list.map(({ ipAddress }) => ipAddress)
}

function lockoutOf(said: WireSettings): LockoutInput | undefined {
  const { lockoutThreshold, lockoutDurationSeconds, lockoutCounterResetSeconds } = said
  if (said.lockoutEnabled === false) return 'off'
  const lockout = {
    ...(lockoutThreshold !== undefined && { threshold: lockoutThreshold }),
    ...(lockoutDurationSeconds !== undefined && { duration: lockoutDurationSeconds }),
    ...(lockoutCounterResetSeconds !== undefined && { window: lockoutCounterResetSeconds }),
  }
  return Object.keys(lockout).length > 0 ? lockout : undefined
}

const network = z
  .strictObject({
    ipAddress: z.string(),
    type: z.enum(['ipv4', 'ipv6']),
    prefix: z.int().optional(),
  })
  .meta({ id: 'Network' })

/** The settings of a method as this wire shows them, under the name that its mapping says. */
export function settingsAnswer(mapping: WireMapping): z.ZodType {
  const { also = [], identity, settings, policy, template } = mapping
  return z.strictObject({
    [settings]: z.strictObject({
      id: z.string(),
      identityId: z.string(),
      ...(identity !== undefined && { [identity]: z.string() }),
      accessTokenTTL: z.int(),
      accessTokenMaxTTL: z.int(),
      accessTokenNumUsesLimit: z.int(),
      accessTokenPeriod: z.int(),
      accessTokenTrustedIps: z.array(network),
      accessTokenBoundTo: z.enum(['dpop', 'certificate']).optional(),
      ...(also.includes('clientSecretTrustedIps') && { clientSecretTrustedIps: z.array(network) }),
      ...(also.includes('lockout') && {
        lockoutEnabled: z.boolean(),
        lockoutThreshold: z.int(),
        lockoutDurationSeconds: z.int(),
        lockoutCounterResetSeconds: z.int(),
      }),
      ...(template !== undefined && { templateId: z.string().nullable() }),
      ...policyFields(policy),
      createdAt: stamp,
      updatedAt: stamp,
    }),
  })
}

/** Writes an auth method. */
export function toSettingsAnswer(authMethod: AuthMethod, mapping: WireMapping): object {
  const { tokenPolicy, lockout } = authMethod
  const { also = [], identity, settings, policy, template } = mapping
  return {
    [settings]: {
      id: authMethod.id,
      identityId: authMethod.identity,
      ...(identity !== undefined && { [identity]: authMethod.identity }),
      accessTokenTTL: tokenPolicy.ttl,
      accessTokenMaxTTL: toMaxTtl(tokenPolicy.maxTtl),
      accessTokenNumUsesLimit: tokenPolicy.maxUses ?? 0,
      accessTokenPeriod: tokenPolicy.period ?? 0,
      accessTokenTrustedIps: tokenPolicy.trustedSources.token.map(toNetworkAnswer),
      ...(tokenPolicy.boundTo !== undefined && { accessTokenBoundTo: tokenPolicy.boundTo }),
      ...(also.includes('clientSecretTrustedIps') && {
        clientSecretTrustedIps: tokenPolicy.trustedSources.credential.map(toNetworkAnswer),
      }),
      ...(also.includes('lockout') && toLockoutAnswer(lockout)),
      ...(template !== undefined && { templateId: authMethod.template ?? null }),
      ...toPolicyAnswer(policy, authMethod.policy),
      createdAt: authMethod.createdAt.toISOString(),
      updatedAt: authMethod.updatedAt.toISOString(),
    },
  }
}

/** What a lockout would be that is switched off. */
const USUAL_LOCKOUT = { threshold: 3, duration: 300, window: 30 }

function toLockoutAnswer(lockout: AuthMethod['lockout']): object {
  const { threshold, duration, window } = lockout === 'off' ? USUAL_LOCKOUT : lockout
  return {
    lockoutEnabled: lockout !== 'off',
    lockoutThreshold: threshold,
    lockoutDurationSeconds: duration,
    lockoutCounterResetSeconds: window,
  }
}

function toNetworkAnswer(network: string): object {
  const [ipAddress = network, prefix] = network.split('/')
  return {
    ipAddress,
    type: ipAddress.includes(':') ? 'ipv6' : 'ipv4',
    ...(prefix !== undefined && { prefix: Number(prefix) }),
  }
}
