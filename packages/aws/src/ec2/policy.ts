import type { SchemaOf, Seconds } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { listOf, objectOf, optional, plain, text, whole } from '@countersign/evidence'
import type { InstanceDocument } from './document.ts'

/** Whom an auth method by instance identity documents trusts: each list that is there must hold. */
export interface AwsEc2Policy {
  /** Accounts of 12 digits: every instance in them, if nothing else is said. */
  readonly accounts?: readonly string[] | undefined
  /** Instances: `i-0123456789abcdef0`. */
  readonly instances?: readonly string[] | undefined
  /** Regions: `eu-west-1`. */
  readonly regions?: readonly string[] | undefined
  /** Images that instances were started from: `ami-0123456789abcdef0`. */
  readonly images?: readonly string[] | undefined
  /** Seconds since the instance was last started (`pendingTime`); a year where left out, five years at most. */
  readonly maxAge?: Seconds | undefined
}

const DAY = 86_400
/** How long an instance is let in where nothing else is said. */
const USUAL_AGE: Seconds = 365 * DAY
/** The longest that a document is good for, and that the nonce of its instance is kept. */
export const LONGEST_LIFE: Seconds = 5 * 365 * DAY

const formed = (form: RegExp, problem: string) =>
  text(64, (value) => (form.test(value) ? undefined : problem))

const account = formed(/^\d{12}$(?!\n)/, 'must be an account of 12 digits')
const instance = formed(/^i-[0-9a-f]{8,32}$(?!\n)/, 'must be the id of an instance (i-…)')
const image = formed(/^ami-[0-9a-f]{8,32}$(?!\n)/, 'must be the id of an image (ami-…)')

/** The schema of policies; a region without a certificate is refused, because it could let in nobody. */
export function policyOf(regions: ReadonlySet<string>): SchemaOf<AwsEc2Policy> {
  const region = text(32, (value) =>
    regions.has(value) ? undefined : 'must be a region whose certificate is configured',
  )
  return objectOf<AwsEc2Policy>(
    {
      accounts: optional(listOf(account, 100)),
      instances: optional(listOf(instance, 1000)),
      regions: optional(listOf(region, 100)),
      images: optional(listOf(image, 100)),
      maxAge: optional(whole(1, LONGEST_LIFE)),
    },
    ({ accounts, instances }) =>
      accounts === undefined && instances === undefined
        ? 'must name accounts or instances: without them every customer of AWS is let in'
        : undefined,
  )
}

/** Checks a document that AWS signed against a policy. */
export function checkInstance(
  document: InstanceDocument,
  { accounts, instances, regions, images, maxAge = USUAL_AGE }: AwsEc2Policy,
  now: Date,
  list: Checklist,
): void {
  const { accountId, instanceId, region, imageId, pendingTime } = document
  const age = (now.getTime() - pendingTime.getTime()) / 1000
  const lists = [
    ['account', accounts, accountId, 'account_not_allowed'],
    ['instance', instances, instanceId, 'instance_not_allowed'],
    ['region', regions, region, 'region_not_allowed'],
    ['image', images, imageId, 'image_not_allowed'],
  ] as const
  for (const [name, allowed, presented, reason] of lists) {
    const goesOn =
      allowed === undefined ||
      list.check(name, allowed.includes(presented), reason, () => ({
        expected: plain(allowed),
        presented: plain(presented),
      }))
    if (!goesOn) return
  }
  list.check('age', age < maxAge, 'instance_too_old', () => ({
    presented: pendingTime.toISOString(),
  }))
  list.check('age', age >= -CLOCK_SKEW, 'instance_of_the_future', () => ({
    presented: pendingTime.toISOString(),
  }))
}

const CLOCK_SKEW: Seconds = 60
