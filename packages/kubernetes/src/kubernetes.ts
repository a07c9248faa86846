import type { Attestation, Rejection, Verifier } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { OutboundOptions } from '@countersign/evidence'
import {
  chargeOnce,
  createChecklist,
  createKeyStores,
  createOutbound,
  LEEWAY,
  LONGEST_JWT,
  objectOf,
  text,
} from '@countersign/evidence'
import type { ClusterAccess } from './cluster-access.ts'
import { vouchByKeys } from './local-mode.ts'
import type { KubernetesPolicy } from './policy.ts'
import { policyOf } from './policy.ts'
import type { Reach } from './review-mode.ts'
import { vouchByReview } from './review-mode.ts'
import { attestedOf, checkServiceAccount } from './service-account.ts'
import { kubernetesWire } from './wire.ts'

/** What a pod presents: the token that its kubelet keeps fresh for it. */
export interface KubernetesCredential {
  readonly token: string
}

/** How the verifier reaches clusters. */
export interface KubernetesOptions extends OutboundOptions {
  /** The cluster of policies that name none: the host's own, reached at whatever address it has. */
  readonly cluster?: ClusterAccess | undefined
}

/** Creates the verifier of Kubernetes service accounts. */
export function kubernetes({
  cluster,
  ...options
}: KubernetesOptions = {}): Verifier<'kubernetes', KubernetesPolicy, KubernetesCredential> {
  const outbound = createOutbound(options)
  const keys = createKeyStores(outbound)
  const reach: Reach = {
    outbound,
    cluster: cluster && { access: cluster, outbound: ownOutbound(options) },
  }
  return Object.freeze<Verifier<'kubernetes', KubernetesPolicy, KubernetesCredential>>({
    method: 'kubernetes',
    policy: policyOf(outbound, cluster !== undefined),
    credential: objectOf<KubernetesCredential>({ token: text(LONGEST_JWT) }),
    secrets: ['reviewerToken'],
    destinations: ['host', 'ca'],
    wire: kubernetesWire,
    oauth: { as: 'subject_token', to: 'token' },
    async verify({ token }, context): Promise<Attestation | Rejection> {
      const { policy } = context
      const list = createChecklist(context)
      const vouched =
        policy.mode === 'local'
          ? await vouchByKeys(token, context, keys, list)
          : await vouchByReview(token, context, reach, list)
      if (isRejection(vouched)) return vouched
      const { account, read } = vouched
      checkServiceAccount(account, policy, list)
      const { replay = 'off', leeway = LEEWAY } = policy
      const { organization } = context.identity
      const charges = await chargeOnce(read, { replay, leeway, organization }, list)
      const refusal = list.refusal()
      if (refusal !== undefined) return refusal
      const subject = `system:serviceaccount:${account.namespace}:${account.name}`
      return { subject, claims: attestedOf(account), ...(charges.length > 0 && { charges }) }
    },
  })
}

/** The host named its own cluster itself: its address may be anything, and nothing else is asked through this. */
function ownOutbound(options: OutboundOptions): ReturnType<typeof createOutbound> {
  const egress = { ...options.egress, allow: ['0.0.0.0/0', '::/0'], ports: 'any' } as const
  return createOutbound({ ...options, egress })
}
