import type { Rejection } from '@countersign/core/plugin'
import { fromUtf8 } from '@countersign/core/plugin'
import type { Answer, Checklist, Outbound } from '@countersign/evidence'
import { OutboundError, plain } from '@countersign/evidence'
import type { CallerIdentity } from './principal.ts'
import type { SignedRequest } from './signed-request.ts'
import type { StsEndpoint } from './sts-places.ts'

/** By what STS is asked, and until when. */
export interface StsCall {
  readonly outbound: Outbound
  readonly endpoint: StsEndpoint | undefined
  readonly signal: AbortSignal
}

const MOST_BYTES = 64 * 1024

/** Asks STS who signed a request; throws where it could not tell. */
export async function askSts(
  { host, sent }: SignedRequest,
  { outbound, endpoint, signal }: StsCall,
  list: Checklist,
): Promise<CallerIdentity | Rejection> {
  const { method, path, headers, body } = sent
  const origin = endpoint?.url.replace(/\/$/, '') ?? `https://${host.host}`
  const answer = await outbound.ask({
    url: `${origin}${path}`,
    method,
    headers,
    accept: 'text/xml',
    mostBytes: MOST_BYTES,
    signal,
    ...(body !== undefined && { body }),
    ...(endpoint?.ca !== undefined && { ca: endpoint.ca }),
  })
  if (answer.status === 200) {
    const identity = readIdentity(answer)
    if (identity === undefined) throw new OutboundError('unexpected_content')
    list.check('signature', true, '')
    return identity
  }
  return refusalBy(answer, list)
}

/** What STS refuses is the caller's fault; what it is too busy or too broken for is not. */
function refusalBy(answer: Answer, list: Checklist): Rejection {
  const { status } = answer
  const code = readErrorCode(answer)
  if (status === 429 || (code !== undefined && THROTTLED.includes(code)))
    throw new OutboundError('throttled', { status })
  if ((status !== 400 && status !== 403) || code === undefined)
    throw new OutboundError('unexpected_status', { status })
  return list.stop('signature', 'sts_refused', () => ({
    expected: 'a request that STS accepts',
    presented: plain(code),
  }))
}

const THROTTLED: readonly string[] = [
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
]

const XML = /^text\/xml(?:; ?charset=utf-8)?$/i
const ROOT =
  /^(?:<\?xml version="1\.0"(?: encoding="UTF-8")?\?>)?\s*<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">\s*<GetCallerIdentityResult>([^&]{1,4096})<\/GetCallerIdentityResult>\s*<ResponseMetadata>\s*<RequestId>[\w-]{1,128}<\/RequestId>\s*<\/ResponseMetadata>\s*<\/GetCallerIdentityResponse>\s*$/i
const MEMBERS = /^\s*(?:<(Arn|UserId|Account)>[^<>]{1,2048}<\/\1>\s*){3}$/

/**
 * Reads one shape and no other: an answer is not searched for an identity (CVE-2020-16250), and no entity is expanded,
 * because there is none in the shape.
 */
function readIdentity({ headers, body }: Answer): CallerIdentity | undefined {
  const text = XML.test(headers['content-type'] ?? '') ? fromUtf8(body) : undefined
  const [, result = ''] = ROOT.exec(text ?? '') ?? []
  if (!MEMBERS.test(result)) return undefined
  const members = new Map(
    [...result.matchAll(/<(\w+)>([^<>]+)</g)].map(([, name, value]) => [name, value?.trim()]),
  )
  const [arn, userId, account] = ['Arn', 'UserId', 'Account'].map((name) => members.get(name))
  if (arn === undefined || userId === undefined || account === undefined) return undefined
  return { arn, userId, account }
}

const ERROR =
  /^(?:<\?xml [^<>]{0,64}\?>)?\s*<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">\s*<Error>\s*<Type>(?:Sender|Receiver)<\/Type>\s*<Code>([A-Za-z]{1,64})<\/Code>/

/** The code of an error that is one of STS: a proxy's page has none. */
function readErrorCode({ headers, body }: Answer): string | undefined {
  if (!XML.test(headers['content-type'] ?? '')) return undefined
  return ERROR.exec(fromUtf8(body) ?? '')?.[1]
}
