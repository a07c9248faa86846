import type { Outcome } from '../refusal.ts'
import { badRequest } from '../refusal.ts'
import type { Call, Reply, Route } from '../routes/route.ts'
import type { ClientSaid } from './client.ts'
import { loginOf, readClient } from './client.ts'
import { wrong } from './errors.ts'
import { bearAssertion, exchange } from './exchange.ts'
import type { TokenFields } from './fields.ts'
import { tokenRequest } from './fields.ts'
import { mint, tokenAnswer } from './mint.ts'

type Grant = (call: Call, client: ClientSaid, said: TokenFields) => Promise<Outcome<Reply>>

/** The grants of the token endpoint, by their names on the wire. */
export const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: logIn,
  'urn:ietf:params:oauth:grant-type:token-exchange': exchange,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': bearAssertion,
}

/** The token endpoint (RFC 6749 section 3.2). */
export const tokenRoute: Route = {
  id: 'oauth-token',
  method: 'POST',
  path: '/oauth/token',
  tag: 'OAuth',
  summary: 'Grants an access token for client credentials, an assertion, or another token.',
  access: 'open',
  dialect: 'oauth',
  body: { schema: tokenRequest, forms: true },
  answer: tokenAnswer,
  example: {
    body: { grant_type: 'client_credentials', scope: 'secret:read' },
    answer: {
      access_token: 'eyJ…',
      token_type: 'Bearer',
      expires_in: 7200,
      scope: 'secret:read',
    },
  },
  async run(call) {
    const said = call.body as TokenFields
    const { grant_type: type } = said
    if (type === undefined) return badRequest('grant_type is required')
    const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined
    if (grant === undefined)
      return wrong('unsupported_grant_type', 'grant_type must be one that the metadata names')
    const client = readClient(call.authorization, said)
    return 'refusal' in client ? client : grant(call, client.value, said)
  },
}

async function logIn(
  call: Call,
  client: ClientSaid,
  { scope, resource }: TokenFields,
): Promise<Outcome<Reply>> {
  const login = loginOf(call, client)
  if ('refusal' in login) return login
  return mint({
    scope,
    audience: resource,
    blamed: 'invalid_client',
    by: (options) => call.engine.login(login.value, call.source, options),
  })
}
