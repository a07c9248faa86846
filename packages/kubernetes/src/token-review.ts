import type { Rejection } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Answer, Checklist, Outbound } from '@countersign/evidence'
import { isPlainObject, OutboundError, plain, readJson } from '@countersign/evidence'
import type { ServiceAccount } from './service-account.ts'
import { readUsername } from './service-account.ts'

/** Where and by whom a token is reviewed. */
export interface Review {
  readonly outbound: Outbound
  readonly host: string
  readonly ca: string | undefined
  readonly reviewer: string
  /** Whether the token that is reviewed is the reviewer itself. */
  readonly isClient: boolean
  readonly audiences: readonly string[]
  readonly signal: AbortSignal
}

const MOST_BYTES = 64 * 1024
const PATH = '/apis/authentication.k8s.io/v1/tokenreviews'

/** Asks a cluster about a token; throws where it could not tell. */
export async function reviewToken(
  token: string,
  review: Review,
  list: Checklist,
): Promise<ServiceAccount | Rejection> {
  const answer = await askCluster(token, review)
  if (review.isClient && (answer.status === 401 || answer.status === 403))
    return list.stop('reviewer', 'reviewer_refused', () => ({
      expected: 'a token that may create token reviews (system:auth-delegator)',
      presented: `the answer ${answer.status} of the API server`,
    }))
  // Any other reviewer is the operator's own: that it was refused says nothing about the token.
  const document = readJson(answer, [200, 201])
  const status = isPlainObject(document) ? document['status'] : undefined
  if (!isPlainObject(status)) throw new OutboundError('unexpected_content')
  return readStatus(status, review.audiences, list)
}

function askCluster(
  token: string,
  { outbound, host, ca, reviewer, audiences, signal }: Review,
): Promise<Answer> {
  return outbound.ask({
    url: `${host.replace(/\/$/, '')}${PATH}`,
    method: 'POST',
    accept: 'application/json',
    headers: { authorization: `Bearer ${reviewer}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences },
    }),
    mostBytes: MOST_BYTES,
    signal,
    ...(ca !== undefined && { ca }),
  })
}

/** The user of a verdict is believed only where the verdict is a clear yes: a no may hold one as well. */
function readStatus(
  { authenticated, error, user, audiences }: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  list: Checklist,
): ServiceAccount | Rejection {
  const isYes = authenticated === true && (error === undefined || error === '')
  if (!isYes || !isPlainObject(user))
    return list.stop('authenticated', 'token_not_authenticated', () => ({
      presented: 'the no of the cluster',
    }))
  list.check('authenticated', true, '')
  const found = Array.isArray(audiences) ? audiences : []
  const isForUs = list.check(
    'audience',
    found.some((name) => wanted.includes(name)),
    'wrong_audience',
    () => ({
      expected: plain(wanted),
      presented: plain(found),
    }),
  )
  const refusal = isForUs ? undefined : list.refusal()
  if (isRejection(refusal)) return refusal
  const account = readUsername(user['username'])
  if (account === undefined)
    return list.stop('username', 'no_service_account', () => ({
      expected: 'system:serviceaccount:<namespace>:<name>',
      presented: plain(user['username']),
    }))
  list.check('username', true, '')
  return { ...account, ...boundTo(user) }
}

/** Since 1.13 a pod, since 1.30 a node; each value comes in a list of one. */
function boundTo({
  uid,
  extra,
}: Readonly<Record<string, unknown>>): Omit<ServiceAccount, 'namespace' | 'name'> {
  const one = (name: string): string | undefined => {
    const values = isPlainObject(extra) && Object.hasOwn(extra, name) ? extra[name] : undefined
    const [value, ...more] = Array.isArray(values) ? values : []
    return typeof value === 'string' && more.length === 0 ? value : undefined
  }
  const pod = one('authentication.kubernetes.io/pod-name')
  const podUid = one('authentication.kubernetes.io/pod-uid')
  const node = one('authentication.kubernetes.io/node-name')
  return {
    ...(typeof uid === 'string' && { uid }),
    ...(pod !== undefined && { pod: { name: pod, ...(podUid !== undefined && { uid: podUid }) } }),
    ...(node !== undefined && { node }),
  }
}
