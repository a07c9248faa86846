import type { Rejection, VerifierContext } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Checklist, JwtProfile, KeySource, KeyStores } from '@countersign/evidence'
import {
  checkJwt,
  LEEWAY,
  MOST_AGE,
  plain,
  USUAL_ALGORITHMS,
  USUAL_TYPES,
} from '@countersign/evidence'
import { readBoundClaims } from './bound-claims.ts'
import type { KubernetesPolicy } from './policy.ts'
import type { Vouched } from './review-mode.ts'

/** Checks a token by the keys of its cluster, without asking anybody about the account. */
export async function vouchByKeys(
  token: string,
  context: VerifierContext<KubernetesPolicy>,
  keys: KeyStores,
  list: Checklist,
): Promise<Vouched | Rejection> {
  const { policy } = context
  const findKey = keys(sourceOf(policy))
  const claims = await checkJwt(token, { profile: profileOf(policy), findKey, list, context })
  if (isRejection(claims)) return claims
  const account = readBoundClaims(claims)
  if (account === undefined)
    return list.stop('username', 'no_service_account', () => ({
      expected: 'system:serviceaccount:<namespace>:<name>',
      presented: plain(claims['sub']),
    }))
  list.check('username', true, '')
  return { account, read: { token, header: {}, claims } }
}

function profileOf({
  issuer,
  audiences,
  leeway = LEEWAY,
  maxAge = MOST_AGE,
}: KubernetesPolicy): JwtProfile {
  return {
    ...(issuer !== undefined && { issuer }),
    audiences,
    otherAudiences: false,
    algorithms: USUAL_ALGORITHMS,
    types: USUAL_TYPES,
    leeway,
    maxAge,
    maxLifetime: MOST_AGE,
    undated: false,
  }
}

function sourceOf({
  issuer = '',
  discoveryUrl,
  jwksUrl,
  jwks,
  keys,
  ca,
}: KubernetesPolicy): KeySource {
  if (jwks !== undefined) return { from: 'inline', jwks }
  if (keys !== undefined) return { from: 'policy', keys }
  return {
    from: 'issuer',
    issuer,
    ...(discoveryUrl !== undefined && { discoveryUrl }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(ca !== undefined && { ca }),
  }
}
