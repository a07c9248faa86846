import type { SchemaOf, Seconds } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { listOf, literal, objectOf, optional, plain, text, whole } from '@countersign/evidence'
import type { AwsPartition } from './partitions.ts'
import { AWS_PARTITIONS } from './partitions.ts'
import type { AwsPrincipal } from './principal.ts'
import type { PrincipalRule } from './principal-rule.ts'
import { compileRule, principalRule } from './principal-rule.ts'
import type { StsPlaces } from './sts-places.ts'

/** Whom an auth method by AWS trusts: each list that is there must hold. */
export interface AwsPolicy {
  /** Accounts of 12 digits: everybody in them, if nothing else is said. */
  readonly accounts?: readonly string[] | undefined
  /** Users and roles. */
  readonly principals?: readonly PrincipalRule[] | undefined
  /** `AROA…`, `AIDA…`: a role that was deleted and made again has another. */
  readonly uniqueIds?: readonly string[] | undefined
  /** The partition of the accounts; that of the principals, or `aws`. */
  readonly partition?: AwsPartition | undefined
  /** The host of STS, or the operator's endpoint, that requests must be signed for; `https://sts.amazonaws.com` pins none. */
  readonly stsEndpoint?: string | undefined
  /** Seconds that a request is accepted after it was signed: 900 at the most, as AWS itself does. */
  readonly maxAge?: Seconds | undefined
  /** `true`: the audience must be signed although the verifier lets it be left out. */
  readonly audienceRequired?: true | undefined
}

/** Seconds after which AWS itself refuses a request (Signature Version 4). */
export const LONGEST_AGE = 900

/** The schema of policies. */
export function policyOf({ refuse }: StsPlaces): SchemaOf<AwsPolicy> {
  return objectOf<AwsPolicy>(
    {
      accounts: optional(listOf(text(12, refuseAccount), 100)),
      principals: optional(listOf(principalRule, 100)),
      uniqueIds: optional(listOf(text(128, refuseUniqueId), 100)),
      partition: optional(literal(...AWS_PARTITIONS)),
      stsEndpoint: optional(text(1024, refuse)),
      maxAge: optional(whole(1, LONGEST_AGE)),
      audienceRequired: optional(literal(true)),
    },
    refusePolicy,
  )
}

/** The partition that a policy is about. */
export function partitionOf({ partition, principals = [] }: AwsPolicy): AwsPartition {
  const [first] = principals
  return partition ?? (first === undefined ? 'aws' : compileRule(first).partition)
}

/** Checks a principal against the lists of a policy. */
export function checkPrincipal(
  principal: AwsPrincipal,
  { accounts, principals, uniqueIds }: AwsPolicy,
  list: Checklist,
): void {
  const { account, principalArn, uniqueId } = principal
  const goesOn =
    accounts === undefined ||
    list.check('account', accounts.includes(account), 'account_not_allowed', () => ({
      expected: plain(accounts),
      presented: plain(account),
    }))
  if (!goesOn) return
  const isNamed =
    principals === undefined ||
    list.check(
      'principal',
      principals.some((rule) => compileRule(rule).matches(principalArn)),
      'principal_not_allowed',
      () => ({
        expected: plain(principals.map((rule) => (typeof rule === 'string' ? rule : rule.glob))),
        presented: plain(principalArn),
      }),
    )
  if (!isNamed || uniqueIds === undefined) return
  list.check('unique_id', uniqueIds.includes(uniqueId), 'wrong_unique_id', () => ({
    expected: plain(uniqueIds),
    presented: plain(uniqueId),
  }))
}

function refusePolicy(policy: AwsPolicy): string | undefined {
  const { accounts, principals = [], uniqueIds } = policy
  if (accounts === undefined && principals.length === 0 && uniqueIds === undefined)
    return 'must name accounts, principals or uniqueIds: without them every customer of AWS is let in'
  const partition = partitionOf(policy)
  return principals.some((rule) => compileRule(rule).partition !== partition)
    ? 'must be about one partition'
    : undefined
}

function refuseAccount(account: string): string | undefined {
  return /^\d{12}$/.test(account) ? undefined : 'must be an account of 12 digits'
}

/** A user or a role; a key or a session has no place here. */
function refuseUniqueId(id: string): string | undefined {
  return /^A(?:ROA|IDA)[A-Z0-9]{12,124}$/.test(id)
    ? undefined
    : 'must be the unique id of a role (AROA…) or a user (AIDA…)'
}
