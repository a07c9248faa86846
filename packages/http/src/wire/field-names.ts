import type { WireMapping } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { invalid } from '../invalid.ts'

/** What the engine calls settings, and what this wire does. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [
    /^tokenPolicy\.ttl must not be greater than maxTtl$/,
    'accessTokenTTL must not be greater than accessTokenMaxTTL',
  ],
  [/^tokenPolicy\.ttl\b/, 'accessTokenTTL'],
  [/^tokenPolicy\.maxTtl\b/, 'accessTokenMaxTTL'],
  [/^tokenPolicy\.period\b/, 'accessTokenPeriod'],
  [/^tokenPolicy\.maxUses\b/, 'accessTokenNumUsesLimit'],
  [/^tokenPolicy\.trustedSources\.credential\b/, 'clientSecretTrustedIps'],
  [/^tokenPolicy\.trustedSources\.token\b/, 'accessTokenTrustedIps'],
  [/^template\b/, 'templateId'],
  [/^rules\[/, 'permissions['],
  [/^rules\b/, 'permissions'],
]

/** Does something; where the engine refuses a field by its own name, the answer says the one that was sent. */
export async function renamed<T>(
  deed: () => Promise<T>,
  { policy }: Pick<WireMapping, 'policy'> = { policy: {} },
): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    if (!isCountersignError(error) || error.code !== 'invalid_request') throw error
    throw invalid(renameIn(error.message, policy))
  }
}

function renameIn(message: string, policy: WireMapping['policy']): string {
  for (const [ours, theirs] of NAMES) if (ours.test(message)) return message.replace(ours, theirs)
  const field = Object.entries(policy).find(([, { to }]) => startsWithName(message, to))
  return field === undefined ? message : field[0] + message.slice(field[1].to.length)
}

function startsWithName(message: string, name: string): boolean {
  return message.startsWith(name) && /^[ .[]/.test(message.slice(name.length))
}
