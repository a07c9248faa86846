import type { OAuthMapping } from '@countersign/core'
import type { AnyLogin } from '../engine.ts'
import type { Outcome } from '../refusal.ts'
import { badRequest } from '../refusal.ts'
import type { Call, Reply } from '../routes/route.ts'
import { peekJwt } from './assertion.ts'
import type { ClientSaid } from './client.ts'
import { authenticateClient, credentialOf } from './client.ts'
import { wrong } from './errors.ts'
import type { TokenFields } from './fields.ts'
import { mint } from './mint.ts'

const TYPE = 'urn:ietf:params:oauth:token-type:'
const ACCESS_TOKEN = `${TYPE}access_token`
const JWT = `${TYPE}jwt`
const JWTS: readonly string[] = [JWT, `${TYPE}id_token`]

/** Trades a token for one of ours (RFC 8693): our own for a narrower one, a foreign one for a login. */
export async function exchange(
  call: Call,
  client: ClientSaid,
  said: TokenFields,
): Promise<Outcome<Reply>> {
  const { subject_token: token, subject_token_type: type, requested_token_type: wanted } = said
  if (token === undefined) return badRequest('subject_token is required')
  if (said.actor_token !== undefined) return badRequest('actor_token is not supported')
  if (wanted !== undefined && wanted !== ACCESS_TOKEN && wanted !== JWT)
    return badRequest('requested_token_type must be that of an access token')
  if (type === undefined) return badRequest('subject_token_type is required')
  if (type === ACCESS_TOKEN) return exchangeOurs(call, client, { ...said, token })
  const isKnown = call.engine.methods.some(({ oauth }) => oauth && typesOf(oauth).includes(type))
  return isKnown || JWTS.includes(type)
    ? exchangeForeign(call, client, { ...said, token, type })
    : badRequest(
        'subject_token_type must be that of an access token, a JWT, an ID token or what an auth method takes',
      )
}

function typesOf({ types = JWTS }: OAuthMapping): readonly string[] {
  return types
}

type Trade = TokenFields & { readonly token: string }

/** A token for a service is named by `resource` or by `audience`, which are the same thing here. */
async function exchangeOurs(
  call: Call,
  client: ClientSaid,
  { token, scope, resource, audience }: Trade,
): Promise<Outcome<Reply>> {
  const { engine, source } = call
  if (resource !== undefined && audience !== undefined && resource !== audience)
    return wrong('invalid_target', 'resource and audience must name one service')
  const told = client.id === undefined ? undefined : await engine.introspect(token)
  if (told?.active && told.sub !== client.id) return notItsOwn()
  const known = await authenticated(call, client)
  if ('refusal' in known) return known
  return mint({
    scope,
    audience: resource ?? audience,
    blamed: 'invalid_request',
    issued: ACCESS_TOKEN,
    by: (options) => engine.exchange(token, source, options),
  })
}

/** A foreign token is a credential: its identity is named by `audience`, or by the client. */
async function exchangeForeign(
  call: Call,
  client: ClientSaid,
  { token, type, scope, resource, audience }: Trade & { readonly type: string },
): Promise<Outcome<Reply>> {
  const named = readIdentity(audience ?? client.id)
  if (named === undefined)
    return badRequest('audience must name the identity that the subject_token is shown for')
  if (client.id !== undefined && client.id !== named.identity) return notItsOwn()
  const login = await chooseLogin(call, named, { token, type, as: ['subject_token'] })
  if (login === undefined) return badRequest('No auth method here takes such a subject_token')
  const known = await authenticated(call, client)
  if ('refusal' in known) return known
  return mint({
    scope,
    audience: resource,
    blamed: 'invalid_request',
    issued: ACCESS_TOKEN,
    by: (options) => call.engine.login(login, call.source, options),
  })
}

/** Logs in by an assertion as a grant (RFC 7523 section 2.1): a foreign token, or one that the client signed itself. */
export async function bearAssertion(
  call: Call,
  client: ClientSaid,
  { assertion, scope, resource }: TokenFields,
): Promise<Outcome<Reply>> {
  if (assertion === undefined) return badRequest('assertion is required')
  const named = readIdentity(client.id ?? peekJwt(assertion).subject)
  if (named === undefined)
    return wrong('invalid_grant', 'client_id or the subject of the assertion must name an identity')
  const shown = { token: assertion, type: JWT, as: ['subject_token', 'client_assertion'] } as const
  const login = await chooseLogin(call, named, shown)
  if (login === undefined) return wrong('invalid_grant', 'No auth method here takes assertions')
  const known = await authenticated(call, client)
  if ('refusal' in known) return known
  return mint({
    scope,
    audience: resource,
    blamed: 'invalid_grant',
    by: (options) => call.engine.login(login, call.source, options),
  })
}

/** Here a client may stay anonymous, because the token it shows is a credential; one that says more must be right. */
async function authenticated(call: Call, client: ClientSaid): Promise<Outcome<unknown>> {
  return client.by === 'nothing' ? { value: undefined } : authenticateClient(call, client)
}

function notItsOwn(): Outcome<never> {
  return wrong('invalid_request', 'The token is shown for somebody else than the client')
}

interface Named {
  readonly identity: string
  /** Absent where the identity has only one method that could be meant. */
  readonly method?: string
}

const IDENTITY = /^([A-Za-z0-9_.:@~-]{1,256})(?:\/([a-z0-9-]{1,64}))?$/

/** An identity by its id, with the auth method behind a slash where it has several that take tokens. */
function readIdentity(text: string | undefined): Named | undefined {
  const [, identity, method] = IDENTITY.exec(text ?? '') ?? []
  return identity === undefined ? undefined : { identity, ...(method !== undefined && { method }) }
}

interface ShownToken {
  readonly token: string
  readonly type: string
  readonly as: readonly OAuthMapping['as'][]
}

async function chooseLogin(
  { engine }: Call,
  { identity, method: wanted }: Named,
  { token, type, as }: ShownToken,
): Promise<AnyLogin | undefined> {
  const methods = engine.methods.filter(
    ({ method, oauth }) =>
      oauth !== undefined &&
      as.includes(oauth.as) &&
      typesOf(oauth).includes(type) &&
      (wanted ?? method) === method,
  )
  if (methods.length === 0) return undefined
  const names = methods.map(({ method }) => method)
  const method = await engine.attachedMethod(identity, names)
  const to = methods.find((one) => one.method === method)?.oauth?.to ?? ''
  return { method, identity, credential: credentialOf(to, token) }
}
