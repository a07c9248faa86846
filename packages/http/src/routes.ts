import type { Grant, GrantOptions } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { NO_STORE } from './answer.ts'
import { parseBearer, tokenOf } from './bearer.ts'
import type { Origin } from './caller.ts'
import type { HandlerEngine } from './engine.ts'
import type { Fields, Values } from './fields.ts'
import type { Outcome } from './refusal.ts'
import { badRequest, TOKEN_MISSING } from './refusal.ts'

/** What a route answers when all went well. */
export interface Reply {
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** One request whose form is in order. */
export interface Call extends Origin {
  readonly engine: HandlerEngine
  readonly values: Values
  readonly authorization: string | undefined
}

/** One row of the wire. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Where it lies in the end: below the mount, or also where clients look for the document of an issuer. */
  readonly wellKnown?: boolean
  /** What its body holds; a route without fields reads no body and changes nothing. */
  readonly fields?: Fields
  readonly run: (call: Call) => Promise<Outcome<Reply>>
}

const accessToken = { longest: 8192, optional: true }

/** The wire, as data. */
export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v1/auth/universal-auth/login',
    fields: { clientId: { longest: 256 }, clientSecret: { longest: 512 } },
    run: logIn,
  },
  {
    method: 'POST',
    path: '/api/v1/auth/token-auth/login',
    fields: { identityId: { longest: 256, optional: true }, accessToken: { longest: 512 } },
    run: exchangeStaticToken,
  },
  { method: 'POST', path: '/api/v1/auth/token/renew', fields: { accessToken }, run: renew },
  { method: 'POST', path: '/api/v1/auth/token/revoke', fields: { accessToken }, run: revoke },
  { method: 'GET', path: '/api/v1/identities/details', run: describeIdentity },
  { method: 'GET', path: '/.well-known/jwks.json', wellKnown: true, run: publishKeys },
]

async function logIn({ engine, values, source }: Call): Promise<Outcome<Reply>> {
  const identity = values.get('clientId') ?? ''
  const clientSecret = values.get('clientSecret') ?? ''
  const request = { method: 'universal', identity, credential: { clientSecret } } as const
  return replyGrant(await engine.login(request, source, wireClaims))
}

/** A static token is an access token on this wire; here it opens a login like any credential. */
async function exchangeStaticToken({ engine, values, source }: Call): Promise<Outcome<Reply>> {
  const credential = { staticToken: values.get('accessToken') ?? '' }
  const identity = values.get('identityId')
  const request = {
    method: 'token',
    credential,
    ...(identity !== undefined && { identity }),
  } as const
  return replyGrant(await engine.login(request, source, wireClaims))
}

async function renew(call: Call): Promise<Outcome<Reply>> {
  const token = presentedToken(call)
  if (token === undefined) return badRequest('accessToken is required')
  return replyGrant(await call.engine.renew(token, call.source, wireClaims))
}

async function revoke(call: Call): Promise<Outcome<Reply>> {
  const token = presentedToken(call)
  if (token === undefined) return badRequest('accessToken is required')
  await call.engine.revoke(token, call.source)
  return reply({ message: 'Successfully revoked access token' })
}

async function describeIdentity({ engine, authorization, source }: Call): Promise<Outcome<Reply>> {
  const bearer = parseBearer(authorization)
  if (bearer.kind === 'absent') return { refusal: TOKEN_MISSING }
  const principal = await engine.tryAuthenticate(tokenOf(bearer), source)
  if (isCountersignError(principal)) return { refusal: principal }
  const key = { id: principal.organization }
  const { id, name } = await engine.asHost(HOST_LABEL).organizations.get(key)
  return reply({ identityDetails: { organization: { id, name, slug: id } } })
}

async function publishKeys({ engine }: Call): Promise<Outcome<Reply>> {
  const headers = { 'cache-control': 'public, max-age=300' }
  return { value: { body: await engine.jwks(), headers } }
}

const HOST_LABEL = 'http: identity details'

/** The body's token, else the header's: some clients send both. */
function presentedToken({ values, authorization }: Call): string | undefined {
  const bearer = parseBearer(authorization)
  return values.get('accessToken') ?? (bearer.kind === 'absent' ? undefined : tokenOf(bearer))
}

/** An unbounded lifetime on this wire. Never 0: existing agents would log in again in a hot loop. */
const UNBOUNDED = 1_000_000_000

/** Existing clients refuse an answer without all four, and read whole numbers only. */
function replyGrant(grant: Grant): Outcome<Reply> {
  const { accessToken, expiresIn, maxTtl, tokenType } = grant
  const accessTokenMaxTTL = maxTtl === 'unbounded' ? UNBOUNDED : maxTtl
  return reply({ accessToken, expiresIn, accessTokenMaxTTL, tokenType })
}

/** Claims that existing clients read without checking the token; the engine never does. */
const wireClaims: GrantOptions = {
  claims: ({ identity, name, organization, method }) => ({
    identityId: identity,
    identityName: name,
    authMethod: `${method}-auth`,
    orgId: organization,
    authTokenType: 'identityAccessToken',
  }),
}

function reply(body: object): Outcome<Reply> {
  return { value: { body, headers: NO_STORE } }
}
