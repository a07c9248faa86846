import type { SchemaOf, Seconds } from '@countersign/core/plugin'
import type { InlineKeySet, Outbound, Replay, StaticKey } from '@countersign/evidence'
import {
  inlineKeySet,
  listOf,
  literal,
  MOST_AGE,
  objectOf,
  optional,
  staticKey,
  text,
  whole,
} from '@countersign/evidence'
import type { AllowedServiceAccounts } from './service-account.ts'
import { allowedServiceAccount, namePattern, refuseAllowed } from './service-account.ts'

/** Whom an auth method by Kubernetes trusts. */
export interface KubernetesPolicy extends AllowedServiceAccounts {
  /** `review`: the cluster is asked about each token. `local`: its keys are enough, and a deleted account's token lives on. */
  readonly mode?: 'review' | 'local' | undefined
  /** Whom a token must be for: one of these. */
  readonly audiences: readonly string[]
  /** The URL of the API server; without it the cluster that the verifier was made with. */
  readonly host?: string | undefined
  /** Certificates (PEM) that the server is trusted by, instead of the system's. */
  readonly ca?: string | undefined
  /** The token that reviews are asked with; sealed, and never shown again. */
  readonly reviewerToken?: string | undefined
  /** Says that each token is its own reviewer. It must then be for the API server as well, and opens that, too. */
  readonly clientReviews?: true | undefined
  /** The cluster's issuer, in local mode. */
  readonly issuer?: string | undefined
  /** Where its discovery document lies, if that is not below the issuer. */
  readonly discoveryUrl?: string | undefined
  /** Where its keys lie, if no discovery document says so, or a wrong one. */
  readonly jwksUrl?: string | undefined
  readonly jwks?: InlineKeySet | undefined
  readonly keys?: readonly StaticKey[] | undefined
  readonly leeway?: Seconds | undefined
  readonly maxAge?: Seconds | undefined
  readonly replay?: Replay | undefined
}

/** The schema of policies, where `hasCluster` says whether the verifier knows a cluster by itself. */
export function policyOf({ egress }: Outbound, hasCluster: boolean): SchemaOf<KubernetesPolicy> {
  const url = optional(text(1024, egress.refuse))
  return objectOf<KubernetesPolicy>(
    {
      mode: optional(literal('review', 'local')),
      audiences: listOf(text(512), 16),
      serviceAccounts: optional(listOf(allowedServiceAccount, 100)),
      namespaces: optional(listOf(namePattern, 100)),
      names: optional(listOf(namePattern, 100)),
      podBound: optional(literal(true)),
      host: url,
      ca: optional(text(102_400, refuseCertificates)),
      reviewerToken: optional(text(65_536, refuseToken)),
      clientReviews: optional(literal(true)),
      issuer: optional(text(1024)),
      discoveryUrl: url,
      jwksUrl: url,
      jwks: optional(inlineKeySet(['sig'])),
      keys: optional(listOf(staticKey, 20)),
      leeway: optional(whole(0, 60)),
      maxAge: optional(whole(1, MOST_AGE)),
      replay: optional(literal('off', 'jti', 'signature')),
    },
    (policy) => refuseAllowed(policy) ?? refuseMode(policy, egress, hasCluster),
  )
}

const REVIEW_ONLY = ['host', 'reviewerToken', 'clientReviews'] as const
const LOCAL_ONLY = ['issuer', 'discoveryUrl', 'jwksUrl', 'jwks', 'keys'] as const

function refuseMode(
  policy: KubernetesPolicy,
  egress: Outbound['egress'],
  hasCluster: boolean,
): string | undefined {
  const { mode = 'review' } = policy
  const foreign = (mode === 'review' ? LOCAL_ONLY : REVIEW_ONLY).find(
    (name) => policy[name] !== undefined,
  )
  if (foreign !== undefined) return `must not have ${foreign} in mode ${mode}`
  return mode === 'review' ? refuseReview(policy, hasCluster) : refuseLocal(policy, egress)
}

function refuseReview(
  { host, ca, reviewerToken, clientReviews }: KubernetesPolicy,
  hasCluster: boolean,
): string | undefined {
  if (host === undefined && !hasCluster) return 'must have a host'
  // What the host of this process keeps for its own cluster goes to no other server.
  if (host === undefined && ca !== undefined) return 'must have a ca with a host only'
  if (reviewerToken !== undefined && clientReviews !== undefined)
    return 'must have only one of reviewerToken and clientReviews'
  const hasReviewer =
    reviewerToken !== undefined || clientReviews !== undefined || host === undefined
  return hasReviewer ? undefined : 'must have a reviewerToken, or say clientReviews: true'
}

function refuseLocal(policy: KubernetesPolicy, egress: Outbound['egress']): string | undefined {
  const { issuer, discoveryUrl, jwksUrl, jwks, keys } = policy
  if (issuer === undefined) return 'must have an issuer in mode local'
  const places = [jwksUrl, jwks, keys, discoveryUrl].filter((place) => place !== undefined)
  if (places.length > 1) return 'must have one of discoveryUrl, jwksUrl, jwks and keys'
  const problem = places.length === 0 ? egress.refuse(issuer) : undefined
  return problem === undefined ? undefined : `must have keys somewhere: the issuer ${problem}`
}

function refuseCertificates(pem: string): string | undefined {
  return pem.includes('-----BEGIN CERTIFICATE-----') && !pem.includes('PRIVATE KEY')
    ? undefined
    : 'must be certificates in PEM, and nothing else'
}

/** It goes into a header. */
function refuseToken(token: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : 'must be a token, without blanks and line breaks'
}
