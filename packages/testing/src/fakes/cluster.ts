import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock, toEpochSeconds } from '@countersign/core/plugin'
import type { FakeAuthority } from './certificates.ts'
import { fakeAuthority } from './certificates.ts'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, bodyOf, startServer } from './server.ts'
import type { FakeKey } from './signing.ts'
import { fakeKey, signJwt } from './signing.ts'
import { reviewToken } from './token-review.ts'

/** A service account of a fake cluster, and what its tokens say. */
export interface FakeServiceAccount {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What differs from the usual token of a service account. */
export interface FakeTokenGiven {
  readonly audiences?: readonly string[] | undefined
  readonly pod?: { readonly name: string; readonly uid: string } | undefined
  readonly node?: { readonly name: string; readonly uid: string } | undefined
  /** Claims over all others. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  readonly key?: FakeKey | undefined
}

/** A kube-apiserver as far as its tokens go. */
export interface FakeCluster extends FakeServer {
  /** The authority that its certificate comes from. */
  readonly ca: string
  readonly issuer: string
  readonly jwksUrl: string
  readonly key: () => FakeKey
  /** Makes a service account; one of the same name is deleted first, and has another uid. */
  readonly create: (namespace: string, name: string) => FakeServiceAccount
  readonly delete: (account: FakeServiceAccount) => void
  /** The token of a service account, bound to a pod or not. */
  readonly tokenOf: (account: FakeServiceAccount, given?: FakeTokenGiven) => string
  /** The token of a service account that may review tokens (`system:auth-delegator`). */
  readonly reviewerToken: () => string
  /** A token out of a static file: somebody who is no service account. */
  readonly addUser: (token: string, username: string) => void
  /** Answers this to reviews until it answers nothing else again. */
  readonly answer: (answer: FakeAnswer | 'hang' | 'flood' | undefined) => void
}

/** What the server knows. */
export interface ClusterState {
  readonly now: () => Date
  readonly issuer: string
  readonly key: FakeKey
  readonly accounts: Map<string, FakeServiceAccount>
  readonly reviewers: Set<string>
  readonly users: Map<string, string>
  /** Tokens that were found good, and until when that is repeated. */
  readonly remembered: Map<string, Date>
}

/** What the cluster itself is called in tokens. */
export const API_AUDIENCE = 'https://kubernetes.default.svc'

/** Starts a cluster on 127.0.0.1, over TLS. */
export async function fakeCluster({
  now = systemClock,
  authority = fakeAuthority(),
  key = fakeKey('RS256'),
}: {
  readonly now?: () => Date
  readonly authority?: FakeAuthority
  readonly key?: FakeKey
} = {}): Promise<FakeCluster> {
  const state: ClusterState = {
    now,
    issuer: API_AUDIENCE,
    key,
    accounts: new Map(),
    reviewers: new Set(),
    users: new Map(),
    remembered: new Map(),
  }
  let planned: FakeAnswer | 'hang' | 'flood' | undefined
  const certificate = authority.issue(['127.0.0.1', 'kubernetes.default.svc'])
  const server = await startServer(
    (request, response) => void serve(state, request, response, planned),
    { certificate },
  )
  const create = (namespace: string, name: string): FakeServiceAccount => {
    const account = { namespace, name, uid: randomUUID() }
    state.accounts.set(`${namespace}/${name}`, account)
    return account
  }
  const reviewer = create('kube-system', 'reviewer')
  state.reviewers.add('system:serviceaccount:kube-system:reviewer')
  const tokenOf = createTokens(state)
  return Object.freeze({
    ...server,
    ca: authority.ca,
    issuer: state.issuer,
    jwksUrl: `${server.url}/openid/v1/jwks`,
    key: () => key,
    create,
    delete: ({ namespace, name }: FakeServiceAccount) =>
      void state.accounts.delete(`${namespace}/${name}`),
    tokenOf,
    reviewerToken: () => tokenOf(reviewer, { audiences: [API_AUDIENCE] }),
    addUser: (token: string, username: string) => void state.users.set(token, username),
    answer: (answer: typeof planned) => {
      planned = answer
    },
  })
}

function createTokens({ now, issuer, key: usual }: ClusterState): FakeCluster['tokenOf'] {
  return (
    { namespace, name, uid },
    { audiences = [API_AUDIENCE], pod, node, claims, key = usual } = {},
  ) => {
    const iat = toEpochSeconds(now())
    const bound = {
      namespace,
      serviceaccount: { name, uid },
      ...(pod && { pod }),
      ...(node && { node }),
    }
    const said = {
      aud: audiences,
      exp: iat + 3600,
      iat,
      nbf: iat,
      iss: issuer,
      jti: randomUUID(),
      'kubernetes.io': bound,
      sub: `system:serviceaccount:${namespace}:${name}`,
    }
    return signJwt(key, { alg: key.algorithm, kid: key.kid }, { ...said, ...claims })
  }
}

async function serve(
  state: ClusterState,
  request: IncomingMessage,
  response: ServerResponse,
  planned: FakeAnswer | 'hang' | 'flood' | undefined,
): Promise<void> {
  if (planned === 'hang') return
  if (planned === 'flood') return flood(response)
  if (planned !== undefined) return answerWith(response, planned)
  const { url, method, headers } = request
  if (method === 'POST' && url === '/apis/authentication.k8s.io/v1/tokenreviews')
    return answerWith(response, reviewToken(state, headers.authorization, await bodyOf(request)))
  if (url === '/openid/v1/jwks') {
    const accepted = /application\/jwk-set\+json|\*\/\*/.test(headers.accept ?? '')
    const body = accepted ? JSON.stringify({ keys: [state.key.jwk] }) : '406 Not Acceptable'
    return answerWith(response, { status: accepted ? 200 : 406, body })
  }
  const document = { issuer: state.issuer, jwks_uri: `https://${headers.host}/openid/v1/jwks` }
  const isDiscovery = url === '/.well-known/openid-configuration'
  answerWith(
    response,
    isDiscovery ? { status: 200, body: JSON.stringify(document) } : { status: 404, body: '{}' },
  )
}

/** An answer without an end. */
function flood(response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json' })
  const more = (): void => {
    if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more))
  }
  more()
}
