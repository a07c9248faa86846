import type { Charge, Rejection } from '@countersign/core/plugin'
import { later, toBase64Url, toUtf8 } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { plain, unproved } from '@countersign/evidence'
import type { AwsPolicy } from './policy.ts'
import { LONGEST_AGE, partitionOf } from './policy.ts'
import type { SignedRequest } from './signed-request.ts'
import type { StsPlaces } from './sts-places.ts'

/** What a request is held against before anybody is asked about it. */
export interface RequestSituation {
  readonly policy: AwsPolicy
  readonly now: Date
  readonly audience: string
  /** What the identity may be called where a request is exchanged for a token. */
  readonly names: readonly string[]
  readonly places: StsPlaces
  readonly mayBeUnbound: boolean
}

/** Seconds that a signer's clock may be ahead: as many as AWS allows. */
const AHEAD = 300

/** Checks what needs nobody's word; answers why STS is not asked. */
export function checkRequest(
  request: SignedRequest,
  situation: RequestSituation,
  list: Checklist,
): Rejection | undefined {
  checkPlace(request, situation, list)
  checkAudience(request, situation, list)
  checkDate(request, situation, list)
  return list.refusal()
}

function checkPlace(
  { host }: SignedRequest,
  { policy, places }: RequestSituation,
  list: Checklist,
): void {
  const partition = partitionOf(policy)
  list.check('partition', host.partition === partition, 'wrong_partition', () => ({
    expected: partition,
    presented: host.partition,
  }))
  list.check('host', places.admits(policy.stsEndpoint, host), 'wrong_host', () => ({
    expected: plain(policy.stsEndpoint),
    presented: host.host,
  }))
}

/** It must be signed, and what only claims to be it must not contradict; a presigned URL is proved to be for us by STS, which is sent our own. */
function checkAudience(
  { namesAudience, audience: presented, claimedTarget: claimed }: SignedRequest,
  { audience, names, mayBeUnbound }: RequestSituation,
  list: Checklist,
): void {
  const isSaid = namesAudience || (presented === undefined && mayBeUnbound)
  list.check('audience', isSaid, 'audience_not_signed', () => ({
    expected: plain(audience),
    presented: unproved(presented),
  }))
  const isOurs = presented === undefined || presented === audience
  const isClaimed = claimed === undefined || [audience, ...names].includes(claimed)
  list.check('audience', isOurs && isClaimed, 'wrong_audience', () => ({
    expected: plain(audience),
    presented: unproved(presented ?? claimed),
  }))
}

function checkDate(
  { signedAt, lifetime }: SignedRequest,
  { policy, now }: RequestSituation,
  list: Checklist,
): void {
  const { maxAge = LONGEST_AGE } = policy
  const shown = () => ({ presented: signedAt.toISOString() })
  list.check('expiry', lifetime <= LONGEST_AGE, 'lifetime_too_long')
  list.check('expiry', now < later(signedAt, Math.min(maxAge, lifetime)), 'request_expired', shown)
  list.check('not_before', signedAt <= later(now, AHEAD), 'request_of_the_future', shown)
}

/**
 * The mark that a request leaves behind until AWS would not take it any more. The signature names all that was signed, and
 * there is no second one over the same. It is the same mark in every organization: one request opens one login.
 */
export async function marksOf({ signature, signedAt }: SignedRequest): Promise<readonly Charge[]> {
  const text = toUtf8(signature)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(text)))
  const until = later(signedAt, LONGEST_AGE + AHEAD)
  return [{ kind: 'once', key: `aws:${toBase64Url(digest)}`, until }]
}
