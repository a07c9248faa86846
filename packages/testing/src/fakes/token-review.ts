import { verify } from 'node:crypto'
import type { ParsedJwt } from '@countersign/core/plugin'
import { fromBase64Url, later, parseJwt, toEpochSeconds } from '@countersign/core/plugin'
import type { ClusterState } from './cluster.ts'
import type { FakeAnswer } from './server.ts'

// The answers of kube-apiserver 1.20.2, as they were recorded: 201 for tokens that are no good, too.

/** Who a token is about, or the sentence that a real server has for it. */
type Authenticated =
  | { readonly user: object; readonly username: string; readonly audiences: readonly string[] }
  | { readonly error: string }

/** What a server calls itself in tokens. */
const API_AUDIENCE = 'https://kubernetes.default.svc'
/** Seconds that a good verdict is repeated, deleted accounts included. */
const REMEMBERED = 10

/** Answers a TokenReview as a real server does. */
export function reviewToken(
  state: ClusterState,
  authorization: string | undefined,
  body: string,
): FakeAnswer {
  const reviewer = authenticate(state, /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '', [
    API_AUDIENCE,
  ])
  if ('error' in reviewer) return failure(401, 'Unauthorized', 'Unauthorized')
  if (!state.reviewers.has(reviewer.username))
    return failure(403, 'Forbidden', forbidden(reviewer.username))
  const { spec } = JSON.parse(body) as {
    readonly spec: { readonly token?: string; readonly audiences?: readonly string[] }
  }
  const { token = '', audiences = [] } = spec
  if (token === '')
    return failure(400, 'BadRequest', 'token is required for TokenReview in authentication')
  const found = authenticate(state, token, audiences.length === 0 ? [API_AUDIENCE] : audiences)
  const status =
    'error' in found
      ? { user: {}, error: found.error }
      : { authenticated: true, user: found.user, audiences: found.audiences }
  return {
    status: 201,
    body: JSON.stringify({
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec,
      status,
    }),
  }
}

function authenticate(
  state: ClusterState,
  token: string,
  wanted: readonly string[],
): Authenticated {
  const username = state.users.get(token)
  if (username !== undefined) {
    const audiences = wanted.filter((name) => name === API_AUDIENCE)
    const user = { username, uid: `${username}-uid`, groups: ['system:authenticated'] }
    return audiences.length > 0 ? { user, username, audiences } : { error: 'invalid bearer token' }
  }
  return authenticateAccount(state, token, wanted)
}

function authenticateAccount(
  state: ClusterState,
  token: string,
  wanted: readonly string[],
): Authenticated {
  const read = parseJwt(token)
  const bound = read?.claims['kubernetes.io'] as Bound | undefined
  if (read === undefined || bound === undefined || read.claims['iss'] !== state.issuer)
    return { error: 'invalid bearer token' }
  const { aud } = read.claims
  const audiences = wanted.filter((name) => Array.isArray(aud) && aud.includes(name))
  const why =
    refuseToken(read, state, token) ??
    (audiences.length === 0 ? wrongAudience(aud, wanted) : refuseAccount(state, bound, token))
  return why === undefined ? userOf(bound, audiences) : { error: `[invalid bearer token, ${why}]` }
}

function refuseToken(
  { claims: { exp, nbf }, signed }: ParsedJwt,
  { key, now }: ClusterState,
  token: string,
): string | undefined {
  const signature = fromBase64Url(token.split('.')[2] ?? '') ?? new Uint8Array()
  const seconds = toEpochSeconds(now())
  if (!verify('sha256', signed, key.publicKey, signature))
    return 'square/go-jose: error in cryptographic primitive'
  if (seconds >= Number(exp)) return 'Token has expired'
  return seconds < Number(nbf) ? 'Token is not valid yet' : undefined
}

function wrongAudience(aud: unknown, wanted: readonly string[]): string {
  return `token audiences ${goList(aud)} is invalid for the target audiences ${goList(wanted)}`
}

/** A good verdict is repeated for a while, whatever became of the account. */
function refuseAccount(
  { accounts, now, remembered }: ClusterState,
  { namespace, serviceaccount: { name, uid } }: Bound,
  token: string,
): string | undefined {
  const until = remembered.get(token)
  if (until !== undefined && now() < until) return undefined
  const account = accounts.get(`${namespace}/${name}`)
  if (account === undefined) return `serviceaccounts "${name}" not found`
  if (account.uid !== uid)
    return `ServiceAccount UID (${account.uid}) does not match claim (${uid})`
  remembered.set(token, later(now(), REMEMBERED))
  return undefined
}

function userOf(
  { namespace, serviceaccount: { name, uid }, pod, node }: Bound,
  audiences: readonly string[],
): Authenticated {
  const username = `system:serviceaccount:${namespace}:${name}`
  const all = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  const extra = {
    ...(pod && {
      'authentication.kubernetes.io/pod-name': [pod.name],
      'authentication.kubernetes.io/pod-uid': [pod.uid],
    }),
    ...(node && { 'authentication.kubernetes.io/node-name': [node.name] }),
  }
  const user = { username, uid, groups: [...all, 'system:authenticated'] }
  const bound = Object.keys(extra).length > 0
  return { user: bound ? { ...user, extra } : user, username, audiences }
}

interface Bound {
  readonly namespace: string
  readonly serviceaccount: { readonly name: string; readonly uid: string }
  readonly pod?: { readonly name: string; readonly uid: string }
  readonly node?: { readonly name: string }
}

function goList(values: unknown): string {
  return JSON.stringify(Array.isArray(values) ? values : []).replaceAll('","', '" "')
}

function forbidden(username: string): string {
  return `tokenreviews.authentication.k8s.io is forbidden: User "${username}" cannot create resource "tokenreviews" in API group "authentication.k8s.io" at the cluster scope`
}

function failure(code: number, reason: string, message: string): FakeAnswer {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  }
  return { status: code, body: JSON.stringify(status) }
}
