import type { Countersign, Grant, GrantOptions, Source, TokenSubject } from '@countersign/core'
import type { Answer } from './answer.ts'
import { NO_STORE } from './answer.ts'
import type { Shown } from './bearer.ts'
import { requireText } from './fields.ts'
import type { Problem } from './problem.ts'
import { NOTHING_SHOWN } from './problem.ts'
import type { Fields } from './read-body.ts'

/** What a route works with. */
export interface Call {
  readonly countersign: Countersign
  readonly source: Source
  readonly shown: Shown
  /** The parsed body; empty for a route that takes none. */
  readonly body: Fields
}

/** One route as data. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Whether it must not be replayed from TLS early data (RFC 8470). */
  readonly changesState: boolean
  readonly run: (call: Call) => Promise<Answer | Problem>
}

/** Longer than any life: how the wire says "unbounded", because clients take 0 for "over". */
const UNBOUNDED = 1_000_000_000

/** Every route of this package. */
export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/auth/universal-auth/login',
    changesState: true,
    run: async ({ countersign, source, body }) => {
      const identity = requireText(body, 'clientId', 256)
      const clientSecret = requireText(body, 'clientSecret', 512)
      const request = { method: 'universal', identity, credential: { clientSecret } } as const
      return toTokenAnswer(await countersign.login(request, source, dialect))
    },
  },
  {
    method: 'POST',
    path: '/api/v1/auth/token/renew',
    changesState: true,
    run: async (call) => {
      const token = tokenOf(call)
      return toTokenAnswer(await call.countersign.renew(token, call.source, dialect))
    },
  },
  {
    method: 'POST',
    path: '/api/v1/auth/token/revoke',
    changesState: true,
    run: async (call) => {
      await call.countersign.revoke(tokenOf(call), call.source)
      return { body: { message: 'Successfully revoked access token' } }
    },
  },
  {
    method: 'GET',
    path: '/api/v1/identities/details',
    changesState: false,
    run: details,
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    changesState: false,
    run: async ({ countersign }) => ({
      body: await countersign.jwks(),
      headers: { 'cache-control': 'public, max-age=300' },
    }),
  },
]

async function details({ countersign, source, shown }: Call): Promise<Answer | Problem> {
  if (shown.kind !== 'bearer') return NOTHING_SHOWN
  const { organization: id } = await countersign.authenticate(shown.token, source)
  const host = countersign.asHost('GET /api/v1/identities/details')
  const { name } = await host.organizations.get({ id })
  return { body: { identityDetails: { organization: { id, name, slug: id } } }, headers: NO_STORE }
}

/** Renewal and revocation take the token from the body; some clients send it as a bearer as well, or only. */
function tokenOf({ body, shown }: Call): string {
  const inHeader = body['accessToken'] === undefined && shown.kind === 'bearer'
  return inHeader ? shown.token : requireText(body, 'accessToken', 8192)
}

function toTokenAnswer({ accessToken, expiresIn, maxTtl, tokenType }: Grant): Answer {
  const accessTokenMaxTTL = maxTtl === 'unbounded' ? UNBOUNDED : maxTtl
  return { body: { accessToken, expiresIn, accessTokenMaxTTL, tokenType } }
}

/** What clients of the seeds' dialect read out of a token without checking it. */
const dialect: GrantOptions = {
  claims: ({ identity, name, organization, method }: TokenSubject) => ({
    identityId: identity,
    identityName: name,
    authMethod: `${method}-auth`,
    orgId: organization,
    authTokenType: 'identityAccessToken',
  }),
}
