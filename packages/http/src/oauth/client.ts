import { isCountersignError } from '@countersign/core'
import type { AnyLogin } from '../engine.ts'
import type { Outcome } from '../refusal.ts'
import { badRequest } from '../refusal.ts'
import type { Call } from '../routes/route.ts'
import { setPath } from '../wire/paths.ts'
import { peekJwt } from './assertion.ts'
import { parseBasic } from './basic.ts'
import { blame, wrongClient } from './errors.ts'
import type { ClientFields } from './fields.ts'

/** What a client says of itself: nothing is believed yet. */
export type ClientSaid =
  | { readonly by: 'nothing'; readonly id: string | undefined }
  | {
      readonly by: 'client_secret' | 'client_assertion'
      readonly id: string
      readonly credential: string
    }

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const LONGEST_ID = 256

const SECRET_JWT =
  'client_secret_jwt cannot be checked here, where only a digest of the secret is kept; use private_key_jwt'

/** Reads how a client authenticates: by one way alone (RFC 6749 section 2.3). */
export function readClient(
  authorization: string | undefined,
  said: ClientFields,
): Outcome<ClientSaid> {
  const basic = parseBasic(authorization)
  if (basic === 'malformed') return wrongClient('The Authorization header is not well-formed')
  const { client_id: id, client_secret: secret, client_assertion: assertion } = said
  const ways = [basic === 'absent' ? undefined : basic, secret, assertion]
  if (ways.filter((way) => way !== undefined).length > 1)
    return badRequest('The client must authenticate in one way only')
  if (assertion !== undefined) return readAssertion(assertion, said)
  if (basic !== 'absent' && id !== undefined && id !== basic.id)
    return badRequest('client_id must be that of the Authorization header')
  const shown = basic === 'absent' ? secretOf(id, secret) : basic
  if (shown === undefined)
    return secret === undefined ? { value: { by: 'nothing', id } } : wrongClient()
  if (shown.id.length > LONGEST_ID || shown.secret === '') return wrongClient()
  return { value: { by: 'client_secret', id: shown.id, credential: shown.secret } }
}

function secretOf(id: string | undefined, secret: string | undefined) {
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** An assertion names its client by itself (RFC 7521 section 4.2); a `client_id` beside it must be the same. */
function readAssertion(
  assertion: string,
  { client_assertion_type: type, client_id }: ClientFields,
): Outcome<ClientSaid> {
  if (type !== ASSERTION_TYPE) return badRequest(`client_assertion_type must be ${ASSERTION_TYPE}`)
  const { algorithm, subject } = peekJwt(assertion)
  if (algorithm?.startsWith('HS')) return wrongClient(SECRET_JWT)
  if (subject === undefined) return wrongClient('client_assertion must be a JWT with a subject')
  if (client_id !== undefined && client_id !== subject)
    return wrongClient('client_id must be the subject of the client_assertion')
  return { value: { by: 'client_assertion', id: subject, credential: assertion } }
}

/** The login that stands behind a client's authentication. */
export function loginOf({ engine }: Pick<Call, 'engine'>, client: ClientSaid): Outcome<AnyLogin> {
  if (client.by === 'nothing') return wrongClient()
  const { by, id: identity, credential } = client
  const method = engine.methods.find(({ oauth }) => oauth?.as === by)
  if (method?.oauth === undefined) return wrongClient(`${by} is no way to authenticate here`)
  return {
    value: {
      method: method.method,
      identity,
      credential: credentialOf(method.oauth.to, credential),
    },
  }
}

/** The credential of a method, from the one text that an endpoint takes. */
export function credentialOf(to: string, text: string): object {
  const credential = {}
  setPath(credential, to, text)
  return credential
}

/**
 * Authenticates a client that wants no token: it logs in, with all that belongs to it (addresses, lockout, uses, events),
 * and the token is handed to nobody.
 */
export async function authenticateClient(
  call: Call,
  client: ClientSaid,
): Promise<Outcome<{ readonly identity: string; readonly organization: string }>> {
  const login = loginOf(call, client)
  if ('refusal' in login) return login
  try {
    const { identity, organization } = await call.engine.login(login.value, call.source)
    return { value: { identity, organization } }
  } catch (error) {
    if (isCountersignError(error)) return blame(error, 'invalid_client')
    throw error
  }
}
