import type { SchemaOf, Seconds } from '@countersign/core/plugin'
import type { Replay } from '@countersign/evidence'
import { listOf, literal, objectOf, optional, text, whole } from '@countersign/evidence'
import type { Cloud, TokenVersion } from './cloud.ts'

/** Whom an auth method by Azure trusts. */
export interface AzurePolicy {
  /** The id of the tenant, alone. */
  readonly tenant: string
  /** Whom a token must be for, alone: an application of your own, by its id or its URI. */
  readonly audiences: readonly string[]
  /** `public` where left out. */
  readonly cloud?: Cloud | undefined
  /** Which forms of tokens are accepted; both where left out. */
  readonly versions?: readonly TokenVersion[] | undefined
  /** Object ids (`oid`) of managed identities and service principals; client ids are something else. */
  readonly servicePrincipals?: readonly string[] | undefined
  /** Ids of subscriptions whose resources are let in. */
  readonly subscriptions?: readonly string[] | undefined
  /** Resource groups of those subscriptions. */
  readonly resourceGroups?: readonly string[] | undefined
  /** Virtual machines of those groups, by name. */
  readonly virtualMachines?: readonly string[] | undefined
  /** Scale sets of those groups, by name. */
  readonly scaleSets?: readonly string[] | undefined
  /**
   * Says that an audience may be one that all of Azure shares, as its management is: every service that a workload shows
   * such a token can then log in as that workload.
   */
  readonly sharedAudience?: true | undefined
  readonly leeway?: Seconds | undefined
  readonly replay?: Replay | undefined
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)/

const guid = text(36, (value) =>
  GUID.test(value)
    ? undefined
    : 'must be an id in lower case, as 00000000-0000-0000-0000-000000000000',
)
const resourceName = text(90, (value) =>
  /^[^/*?\s]+$/.test(value) ? undefined : 'must be the name of a resource, without wildcards',
)

/** The schema of policies. */
export const azurePolicy: SchemaOf<AzurePolicy> = objectOf<AzurePolicy>(
  {
    tenant: guid,
    audiences: listOf(text(512), 16),
    cloud: optional(literal('public', 'us-government', 'china')),
    versions: optional(listOf(literal('v1', 'v2'), 2)),
    servicePrincipals: optional(listOf(guid, 100)),
    subscriptions: optional(listOf(guid, 100)),
    resourceGroups: optional(listOf(resourceName, 100)),
    virtualMachines: optional(listOf(resourceName, 100)),
    scaleSets: optional(listOf(resourceName, 100)),
    sharedAudience: optional(literal(true)),
    leeway: optional(whole(0, 60)),
    replay: optional(literal('off', 'jti', 'signature')),
  },
  refusePolicy,
)

function refusePolicy(policy: AzurePolicy): string | undefined {
  const { servicePrincipals, subscriptions, resourceGroups, virtualMachines, scaleSets } = policy
  if (servicePrincipals === undefined && subscriptions === undefined)
    return 'must have servicePrincipals or subscriptions: the whole tenant would be let in'
  if (resourceGroups !== undefined && subscriptions === undefined)
    return 'must have subscriptions with resourceGroups: each subscription may have one of that name'
  if ((virtualMachines ?? scaleSets) !== undefined && resourceGroups === undefined)
    return 'must have resourceGroups with virtualMachines and scaleSets'
  const shared = policy.audiences.find(isShared)
  if (shared !== undefined && policy.sharedAudience === undefined)
    return 'must have audiences of its own: every service that sees a token for all of Azure could log in with it'
  return undefined
}

/** What Azure itself is asked by: Resource Manager, Graph, Key Vault, Storage and their like, in every cloud. */
const SHARED =
  /^https:\/\/(?:management|graph|vault|storage|database|[a-z.]+\.(?:azure|microsoft|windows|usgovcloudapi|chinacloudapi)|api\.loganalytics)\b/i

function isShared(audience: string): boolean {
  return SHARED.test(audience) || audience === '00000003-0000-0000-c000-000000000000'
}
