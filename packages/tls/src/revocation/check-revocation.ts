import type { Checklist, Outbound } from '@countersign/evidence'
import { OutboundError } from '@countersign/evidence'
import type { Certificate } from '../certificate/certificate.ts'
import type { Path } from '../path/judge-path.ts'
import type { RevocationPolicy } from '../policy.ts'
import type { Crl, Status } from './crl.ts'
import { statusOf } from './crl.ts'
import type { FindCrl } from './crl-store.ts'
import { askResponder } from './ocsp.ts'

/** What certificates are asked about by. */
export interface RevocationParts {
  readonly outbound: Outbound
  readonly findCrl: FindCrl
  readonly readLists: (pem: string) => readonly Crl[]
}

/** When, and with whom to tell. */
export interface RevocationMoment {
  readonly now: Date
  readonly signal: AbortSignal
  readonly list: Checklist
  readonly notice: (word: string) => void
}

/** One certificate of a path, and who issued it. */
interface Link {
  readonly certificate: Certificate
  readonly issuer: Certificate
}

/** Nobody could tell whether a certificate was revoked, and the policy lets in nobody then. */
export class RevocationUnknown extends Error {
  constructor(cause?: unknown) {
    super('Nobody could tell whether a certificate was revoked', { cause })
    this.name = 'RevocationUnknown'
  }
}

/**
 * Checks that no certificate of a path was revoked, the one that the policy trusts excepted. Throws `RevocationUnknown`
 * where that cannot be told, unless the policy allows it: then the trail has a notice.
 */
export async function checkRevocation(
  path: Path,
  policy: RevocationPolicy,
  parts: RevocationParts,
  moment: RevocationMoment,
): Promise<boolean> {
  const links = path.slice(0, -1).map((certificate, index) => ({
    certificate,
    issuer: path[index + 1] ?? certificate,
  }))
  const answers = await Promise.all(links.map((link) => ask(link, policy, parts, moment)))
  const { list, notice } = moment
  const revoked = answers.some(({ status }) => status === 'revoked')
  if (!list.check('revocation', !revoked, 'certificate_revoked')) return false
  const disowned = answers.some(({ disowned: never }) => never)
  if (!list.check('known', !disowned, 'certificate_unknown')) return false
  const unknown = answers.find(({ status }) => status === 'unknown')
  if (unknown === undefined) return true
  if (policy.unknown !== 'allow') throw new RevocationUnknown(unknown.failure)
  notice('revocation_unknown')
  return true
}

interface Answer {
  readonly status: Status
  /** Whether a responder of its issuer does not know it: it answers so of what was never issued (CVE-2024-2660). */
  readonly disowned: boolean
  readonly failure?: unknown
}

async function ask(
  link: Link,
  policy: RevocationPolicy,
  parts: RevocationParts,
  moment: RevocationMoment,
): Promise<Answer> {
  const answers = await Promise.all([
    askLists(link, policy, parts, moment),
    askOcsp(link, policy, parts, moment),
  ])
  const statuses = answers.map(({ status }) => status)
  const status = ORDER.find((one) => statuses.includes(one)) ?? 'unknown'
  const failure = answers.find((one) => one.failure !== undefined)?.failure
  return { status, failure, disowned: answers.some(({ disowned }) => disowned) }
}

/** One that accuses outweighs one that clears, and that one who cannot tell. */
const ORDER: readonly Status[] = ['revoked', 'good', 'unknown']

async function askLists(
  { certificate, issuer }: Link,
  { crls, crlUrls = [] }: RevocationPolicy,
  { findCrl, readLists }: RevocationParts,
  { now }: RevocationMoment,
): Promise<Answer> {
  const fetched = await Promise.all(
    crlUrls.map((url) => findCrl(url, now).catch((error: unknown) => asFailure(error))),
  )
  const found = fetched.filter((one): one is Crl => !(one instanceof OutboundError))
  const lists = [...(crls === undefined ? [] : readLists(crls)), ...found]
  const failure = fetched.find((one) => one instanceof OutboundError)
  return { status: statusOf(certificate, issuer, lists, now), disowned: false, failure }
}

async function askOcsp(
  { certificate, issuer }: Link,
  { ocsp }: RevocationPolicy,
  { outbound }: RevocationParts,
  { now, signal }: RevocationMoment,
): Promise<Answer> {
  const url = typeof ocsp === 'object' ? ocsp.url : ocsp && certificate.responders[0]
  if (url === undefined) return { status: 'unknown', disowned: false }
  try {
    const status = await askResponder(outbound, { url, certificate, issuer, now, signal })
    return { status, disowned: status === 'unknown' }
  } catch (error) {
    return { status: 'unknown', disowned: false, failure: asFailure(error) }
  }
}

/** Only what came of the network is no bug. */
function asFailure(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error
  throw error
}
