import type { Attestation, Rejection, Seconds, Verifier } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Checklist, Outbound, OutboundOptions } from '@countersign/evidence'
import { createChecklist, createOutbound } from '@countersign/evidence'
import { checkRequest, marksOf } from './check-request.ts'
import type { AwsCredential } from './credential.ts'
import { awsCredential, readCredential } from './credential.ts'
import type { AwsPartition } from './partitions.ts'
import { createStsHosts } from './partitions.ts'
import type { AwsPolicy } from './policy.ts'
import { checkPrincipal, partitionOf, policyOf } from './policy.ts'
import type { AwsPrincipal, CallerIdentity } from './principal.ts'
import { attestedOf, readPrincipal } from './principal.ts'
import type { RequestRules } from './signed-request.ts'
import { FLAWS } from './signed-request.ts'
import { askSts } from './sts.ts'
import type { StsEndpoint } from './sts-places.ts'
import { createStsPlaces } from './sts-places.ts'
import { awsOAuth, awsWire } from './wire.ts'

/** How requests that were signed for AWS are checked, and where STS is asked. */
export interface AwsOptions extends OutboundOptions {
  /** What this deployment calls itself: a request must be signed together with it, so that it opens nothing else. */
  readonly audience: string
  /** The header that says it; `x-countersign-audience` where absent. */
  readonly audienceHeader?: string | undefined
  /** Lets the audience be left out, for the SDKs of Infisical. A captured request then opens every service that takes such. */
  readonly allowUnbound?: true | undefined
  /** Regions instead of those that are known, by partition: fewer, or one that is new. */
  readonly regions?: Partial<Readonly<Record<AwsPartition, readonly string[]>>> | undefined
  /** Private endpoints of STS. They may have any address, because the operator named them. */
  readonly endpoints?: readonly StsEndpoint[] | undefined
  /** Seconds that STS may take; 5 where absent. */
  readonly patience?: Seconds | undefined
}

/** Creates the verifier of AWS principals, by `sts:GetCallerIdentity`. An audience or a header that is none is a `TypeError`. */
export function aws({
  audience,
  audienceHeader = 'x-countersign-audience',
  allowUnbound,
  regions,
  endpoints = [],
  patience = 5,
  ...options
}: AwsOptions): Verifier<'aws', AwsPolicy, AwsCredential> {
  if (!/^[\x21-\x7e]{1,256}$/.test(audience)) throw new TypeError('aws() takes an audience')
  const places = createStsPlaces(createStsHosts(regions), endpoints)
  const rules: RequestRules = {
    findHost: places.hosts.find,
    hostOfRegion: places.hosts.ofRegion,
    audienceHeader: headerOf(audienceHeader),
    audience,
  }
  const outbound = createOutbound(options)
  const own = ownOutbound(options)
  return Object.freeze<Verifier<'aws', AwsPolicy, AwsCredential>>({
    method: 'aws',
    policy: policyOf(places),
    credential: awsCredential,
    wire: awsWire,
    oauth: awsOAuth,
    async verify(credential, context): Promise<Attestation | Rejection> {
      const { policy, now } = context
      const list = createChecklist(context)
      const request = await readCredential(credential, rules)
      if (typeof request === 'string') return list.stop(FLAWS[request], request)
      list.check('form', true, '')
      const mayBeUnbound = allowUnbound === true && policy.audienceRequired !== true
      const names = [context.identity.id, `${context.identity.id}/aws`]
      const situation = { policy, now, audience, names, places, mayBeUnbound }
      const refusal = checkRequest(request, situation, list)
      if (refusal !== undefined) return refusal
      const endpoint = places.endpointOf(request.host)
      const through = endpoint === undefined ? outbound : own
      const signal = AbortSignal.any([context.signal, through.deadline(patience)])
      const identity = await askSts(request, { outbound: through, endpoint, signal }, list)
      if (isRejection(identity)) return identity
      const principal = judgePrincipal(identity, policy, list)
      if (isRejection(principal)) return principal
      if (!request.namesAudience) context.notice('audience_not_signed')
      const charges = await marksOf(request)
      return { subject: principal.principalArn, claims: attestedOf(principal), charges }
    },
  })
}

/** Who STS said it is, where the policy lets it in. */
function judgePrincipal(
  identity: CallerIdentity,
  policy: AwsPolicy,
  list: Checklist,
): AwsPrincipal | Rejection {
  const principal = readPrincipal(identity)
  if (typeof principal === 'string') return list.stop('principal', principal)
  if (principal.partition !== partitionOf(policy)) return list.stop('partition', 'unknown_arn')
  checkPrincipal(principal, policy, list)
  return list.refusal() ?? principal
}

function headerOf(name: string): string {
  const header = name.toLowerCase()
  const isFree = /^x-[a-z0-9-]{1,60}$/.test(header) && !header.startsWith('x-amz-')
  if (!isFree) throw new TypeError('aws() takes an audienceHeader that begins with x-, not x-amz-')
  return header
}

function ownOutbound(options: OutboundOptions): Outbound {
  const egress = { ...options.egress, allow: ['0.0.0.0/0', '::/0'], ports: 'any' } as const
  return createOutbound({ ...options, egress })
}
