import type { SchemaOf, Seconds } from '@countersign/core/plugin'
import type { Replay } from '@countersign/evidence'
import { listOf, literal, objectOf, optional, text, whole } from '@countersign/evidence'
import { isServiceAccountEmail, refuseServiceAccount } from './service-account.ts'

/** Whom an auth method by Google Cloud trusts. */
export interface GcpPolicy {
  /**
   * `gce`, the usual one: Google signed the token, on a metadata server or for whoever may impersonate the account. `iam`:
   * the account itself signed it.
   */
  readonly type?: 'gce' | 'iam' | undefined
  /** Whom a token must be for, alone: one of these; the id of the identity where left out, as Infisical's clients have it. */
  readonly audiences?: readonly string[] | undefined
  /** E-mail addresses of service accounts, or numeric ids, which nobody gets again. */
  readonly serviceAccounts?: readonly string[] | undefined
  /** Ids of projects whose instances are let in. Tokens that tell of no instance are refused. */
  readonly projects?: readonly string[] | undefined
  /** Zones of those instances: `europe-west3-a`. */
  readonly zones?: readonly string[] | undefined
  /** Names of those instances. */
  readonly instances?: readonly string[] | undefined
  /** The longest life of a token that an account signs, in seconds; 900 where left out, 3,600 at most. */
  readonly maxLifetime?: Seconds | undefined
  readonly leeway?: Seconds | undefined
  readonly replay?: Replay | undefined
}

/** The longest life of a token of Google's, in seconds. */
export const ONE_HOUR: Seconds = 3600

const projectId = text(128, (value) =>
  /^(?:[a-z0-9.-]{1,64}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$(?!\n)/.test(value)
    ? undefined
    : 'must be the id of a project, as my-project-123',
)
const zone = text(64, (value) =>
  /^[a-z]+-[a-z]+[0-9]+-[a-z]$(?!\n)/.test(value) ? undefined : 'must be a zone, as us-central1-a',
)
const instanceName = text(63, (value) =>
  /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$(?!\n)/.test(value)
    ? undefined
    : 'must be the name of an instance',
)

/** The schema of policies. */
export const gcpPolicy: SchemaOf<GcpPolicy> = objectOf<GcpPolicy>(
  {
    type: optional(literal('gce', 'iam')),
    audiences: optional(listOf(text(512), 16)),
    serviceAccounts: optional(listOf(text(256, refuseServiceAccount), 100)),
    projects: optional(listOf(projectId, 100)),
    zones: optional(listOf(zone, 100)),
    instances: optional(listOf(instanceName, 100)),
    maxLifetime: optional(whole(60, ONE_HOUR)),
    leeway: optional(whole(0, 60)),
    replay: optional(literal('off', 'jti', 'signature')),
  },
  refusePolicy,
)

function refusePolicy(policy: GcpPolicy): string | undefined {
  const { type = 'gce', serviceAccounts, projects, zones, instances, maxLifetime } = policy
  if (type === 'iam') return refuseIam(policy)
  if (maxLifetime !== undefined) return 'must have maxLifetime with type iam only'
  if (serviceAccounts === undefined && projects === undefined)
    return 'must have serviceAccounts or projects: every account of Google would be let in'
  if (projects === undefined && instances !== undefined)
    return 'must have projects with instances: everybody may name an instance so'
  const hasZones = zones !== undefined && projects === undefined && serviceAccounts === undefined
  return hasZones ? 'must have projects with zones' : undefined
}

/** A token that an account signs says what the account likes about instances: only who it is is known. */
function refuseIam({ serviceAccounts, projects, zones, instances }: GcpPolicy): string | undefined {
  const foreign = Object.entries({ projects, zones, instances }).find(
    ([, value]) => value !== undefined,
  )
  if (foreign !== undefined)
    return `must not have ${foreign[0]} in type iam, whose tokens prove no instance: name serviceAccounts instead`
  if (serviceAccounts === undefined) return 'must have serviceAccounts in type iam'
  return serviceAccounts.every(isServiceAccountEmail)
    ? undefined
    : 'must name serviceAccounts by their e-mail addresses in type iam: keys are found by them'
}
