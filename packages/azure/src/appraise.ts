import type { Attestation, Rejection, VerifierContext } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Checklist, Claims, JwtProfile, KeyStores } from '@countersign/evidence'
import {
  chargeOnce,
  checkJwt,
  LEEWAY,
  MOST_AGE,
  plain,
  readJwt,
  USUAL_TYPES,
} from '@countersign/evidence'
import type { TokenVersion } from './cloud.ts'
import { issuerOf, keysAt } from './cloud.ts'
import type { AzurePolicy } from './policy.ts'
import { readResource, SCALE_SET, VIRTUAL_MACHINE } from './resource.ts'

/** What a token is appraised with. */
export interface Appraisal {
  readonly context: VerifierContext<AzurePolicy>
  readonly keys: KeyStores
  readonly list: Checklist
  /** Stands for the host where a cloud publishes keys: for tests. */
  readonly keyHost: string | undefined
}

/** Appraises a token of Entra ID: who issued it first, then that it is an application's own, then which. */
export async function appraiseAzureToken(
  token: string,
  { context, keys, list, keyHost }: Appraisal,
): Promise<Attestation | Rejection> {
  const { policy } = context
  const { tenant, cloud = 'public', leeway = LEEWAY, replay = 'off' } = policy
  const version = versionOf(token, policy)
  const findKey = keys({ from: 'issuer', jwksUrl: keysAt(cloud, tenant, keyHost) })
  const profile = profileOf(policy, version)
  const claims = await checkJwt(token, { profile, findKey, list, context })
  if (isRejection(claims)) return claims
  const goesOn =
    checkTenant(claims, policy, version, list) &&
    checkApplication(claims, list) &&
    checkPrincipal(claims, policy, list)
  if (goesOn) checkResource(claims, policy, list)
  const { organization } = context.identity
  const charges = await chargeOnce({ token, claims }, { replay, leeway, organization }, list)
  const refusal = list.refusal()
  if (refusal !== undefined) return refusal
  return {
    subject: String(claims['oid']),
    claims: attestedOf(claims),
    ...(charges.length > 0 && { charges }),
  }
}

/** Which form a token claims to have: only then is it known who must have issued it. */
function versionOf(
  token: string,
  { versions = ['v2', 'v1'], tenant, cloud = 'public' }: AzurePolicy,
) {
  const read = readJwt(token)
  const issuer = typeof read === 'string' ? undefined : read.claims['iss']
  const [usual = 'v2'] = versions
  return versions.find((version) => issuerOf(cloud, tenant, version) === issuer) ?? usual
}

function profileOf(
  { audiences, leeway = LEEWAY, tenant, cloud = 'public' }: AzurePolicy,
  version: TokenVersion,
): JwtProfile {
  return {
    issuer: issuerOf(cloud, tenant, version),
    audiences,
    otherAudiences: false,
    algorithms: ['RS256'],
    types: USUAL_TYPES,
    leeway,
    // The instance metadata service hands out the same token for a day.
    maxAge: MOST_AGE + 3600,
    maxLifetime: MOST_AGE + 3600,
    undated: false,
  }
}

const VERSIONS: Readonly<Record<TokenVersion, string>> = { v1: '1.0', v2: '2.0' }

function checkTenant(
  { tid, ver }: Claims,
  { tenant }: AzurePolicy,
  version: TokenVersion,
  list: Checklist,
): boolean {
  return (
    list.check('tenant', tid === tenant, 'wrong_tenant', () => ({
      expected: tenant,
      presented: plain(tid),
    })) &&
    list.check('version', ver === VERSIONS[version], 'wrong_version', () => ({
      expected: VERSIONS[version],
      presented: plain(ver),
    }))
  )
}

/** A token that a person had an application ask for speaks for the person, and says so. */
function checkApplication({ idtyp, scp, oid, sub }: Claims, list: Checklist): boolean {
  const isOwn = (idtyp === undefined || idtyp === 'app') && scp === undefined && oid === sub
  return list.check('application', isOwn, 'no_application', () => ({
    expected: "an application's own token",
    presented: scp === undefined ? plain(idtyp) : 'a token for somebody',
  }))
}

function checkPrincipal(
  { oid }: Claims,
  { servicePrincipals }: AzurePolicy,
  list: Checklist,
): boolean {
  return (
    list.check('object_id', typeof oid === 'string', 'no_service_principal') &&
    (servicePrincipals === undefined ||
      list.check(
        'service_principal',
        servicePrincipals.includes(oid as string),
        'service_principal_not_allowed',
        () => ({ expected: plain(servicePrincipals), presented: plain(oid) }),
      ))
  )
}

/** Where a workload runs is what its token says, and nothing that it says beside the token (CVE-2025-3879). */
function checkResource(claims: Claims, policy: AzurePolicy, list: Checklist): void {
  const { subscriptions, resourceGroups, virtualMachines, scaleSets } = policy
  if (subscriptions === undefined) return
  const resource = readResource(claims['xms_mirid'])
  if (resource === undefined) {
    list.check('resource', false, 'no_resource', () => ({
      expected: 'a token of a managed identity',
      presented: plain(claims['xms_mirid']),
    }))
    return
  }
  const { subscription, resourceGroup, type, name } = resource
  const machine = [
    ...(type === VIRTUAL_MACHINE ? (virtualMachines ?? []) : []),
    ...(type === SCALE_SET ? (scaleSets ?? []) : []),
  ]
  const wantsMachine = (virtualMachines ?? scaleSets) !== undefined
  const shown = (expected: readonly string[] | undefined, presented: string) => () => ({
    expected: plain(expected ?? []),
    presented: plain(presented),
  })
  void (
    list.check(
      'subscription',
      subscriptions.includes(subscription),
      'subscription_not_allowed',
      shown(subscriptions, subscription),
    ) &&
    list.check(
      'resource_group',
      resourceGroups === undefined || includesFolded(resourceGroups, resourceGroup),
      'resource_group_not_allowed',
      shown(resourceGroups, resourceGroup),
    ) &&
    list.check(
      'machine',
      !wantsMachine || includesFolded(machine, name),
      'machine_not_allowed',
      shown([...(virtualMachines ?? []), ...(scaleSets ?? [])], `${type}/${name}`),
    )
  )
}

function includesFolded(allowed: readonly string[], name: string): boolean {
  return allowed.some((one) => one.toLowerCase() === name)
}

function attestedOf(claims: Claims): Readonly<Record<string, string>> {
  const { oid, tid, appid, azp = appid, xms_mirid } = claims
  const resource = readResource(xms_mirid)
  return {
    objectId: String(oid),
    tenant: String(tid),
    ...(typeof azp === 'string' && { clientId: azp }),
    ...(resource !== undefined && {
      subscription: resource.subscription,
      resourceGroup: resource.resourceGroup,
      resource: `${resource.type}/${resource.name}`,
    }),
  }
}
