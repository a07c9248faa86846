import type { Rejection, VerifierContext } from '@countersign/core/plugin'
import { isRejection, toEpochSeconds } from '@countersign/core/plugin'
import type { Checklist, Outbound, ReadJwt } from '@countersign/evidence'
import { instant, LEEWAY, plain, readJwt } from '@countersign/evidence'
import { readBoundClaims } from './bound-claims.ts'
import type { ClusterAccess } from './cluster-access.ts'
import type { KubernetesPolicy } from './policy.ts'
import type { ServiceAccount } from './service-account.ts'
import { checkServiceAccount } from './service-account.ts'
import type { Review } from './token-review.ts'
import { reviewToken } from './token-review.ts'

/** How clusters are reached: the one that the host knows by a way of its own. */
export interface Reach {
  readonly outbound: Outbound
  readonly cluster: { readonly access: ClusterAccess; readonly outbound: Outbound } | undefined
}

/** A service account, as a cluster vouches for it, and the token that it was shown by. */
export interface Vouched {
  readonly account: ServiceAccount
  readonly read: ReadJwt
}

/** Asks the cluster about a token, once what the token says of itself is not refused already. */
export async function vouchByReview(
  token: string,
  context: VerifierContext<KubernetesPolicy>,
  reach: Reach,
  list: Checklist,
): Promise<Vouched | Rejection> {
  const read = readJwt(token)
  if (typeof read === 'string')
    return list.stop('form', 'token_malformed', () => ({
      expected: 'a token of a service account',
    }))
  list.check('form', true, '')
  const refused = refuseBefore(read, context, list)
  if (refused !== undefined) return refused
  const account = await reviewToken(token, await reviewOf(token, context, reach), list)
  if (isRejection(account)) return account
  const claimed = readBoundClaims(read.claims)
  const agrees =
    claimed === undefined ||
    (claimed.namespace === account.namespace &&
      claimed.name === account.name &&
      claimed.uid === account.uid)
  if (
    !list.check('agreement', agrees, 'review_disagrees', () => ({
      expected: `${account.namespace}/${account.name}`,
      presented: plain(claimed?.name),
    }))
  )
    return list.stop('agreement', 'review_disagrees')
  return { account, read }
}

/** What a token says of itself is believed against it only: no cluster is asked about what is refused anyway. */
function refuseBefore(
  { claims }: ReadJwt,
  { policy, now }: VerifierContext<KubernetesPolicy>,
  list: Checklist,
): Rejection | undefined {
  const { exp } = claims
  const { leeway = LEEWAY } = policy
  const isOver = typeof exp === 'number' && toEpochSeconds(now) >= exp + leeway
  if (isOver) return list.stop('expiry', 'token_expired', () => ({ presented: instant(exp) }))
  const claimed = readBoundClaims(claims)
  if (claimed === undefined) return undefined
  // A list of its own: what the token says is checked again when the cluster has said it.
  const asked = {
    check: (_name: string, passed: boolean) => passed,
    stop: list.stop,
    refusal: () => undefined,
  }
  if (checkServiceAccount(claimed, policy, asked)) return undefined
  checkServiceAccount(claimed, policy, list)
  return list.refusal()
}

async function reviewOf(
  token: string,
  { policy, signal }: VerifierContext<KubernetesPolicy>,
  { outbound, cluster }: Reach,
): Promise<Review> {
  const { host, ca, reviewerToken, clientReviews = false, audiences } = policy
  const common = { audiences, signal, isClient: clientReviews }
  if (host !== undefined)
    return {
      ...common,
      outbound,
      host,
      ca,
      reviewer: clientReviews ? token : (reviewerToken ?? ''),
    }
  if (cluster === undefined) throw new Error('The verifier was made without a cluster of its own')
  const { access } = cluster
  const own = clientReviews ? token : (reviewerToken ?? (await access.readToken()))
  return {
    ...common,
    outbound: cluster.outbound,
    host: access.host,
    ca: await access.readCa(),
    reviewer: own,
  }
}
