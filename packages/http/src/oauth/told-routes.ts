import { isCountersignError } from '@countersign/core'
import * as z from 'zod'
import { parseBearer, tokenOf } from '../bearer.ts'
import type { Outcome } from '../refusal.ts'
import { badRequest } from '../refusal.ts'
import type { Call, Route } from '../routes/route.ts'
import { reply } from '../routes/route.ts'
import { authenticateClient, readClient } from './client.ts'
import { wrong } from './errors.ts'
import type { TokenShown } from './fields.ts'
import { tokenShown } from './fields.ts'

const introspection = z
  .looseObject({
    active: z.boolean(),
    sub: z.string().optional(),
    client_id: z.string().optional(),
    iss: z.string().optional(),
    aud: z.string().optional(),
    exp: z.int().optional(),
    iat: z.int().optional(),
    jti: z.string().optional(),
    org: z.string().optional(),
    scope: z.string().optional(),
    token_type: z.string().optional(),
  })
  .meta({ id: 'Introspection' })

/** Tells what a token is good for (RFC 7662), to identities of its own organization. */
export const introspectRoute: Route = {
  id: 'oauth-introspect',
  method: 'POST',
  path: '/oauth/introspect',
  tag: 'OAuth',
  summary: 'Tells what a token is good for, to whoever belongs to its organization.',
  access: 'token',
  dialect: 'oauth',
  body: { schema: tokenShown, forms: true },
  answer: introspection,
  async run(call) {
    const { token, ...said } = call.body as TokenShown
    const asker = await findAsker(call, said)
    if ('refusal' in asker) return asker
    if (token === undefined) return badRequest('token is required')
    const told = await call.engine.introspect(token)
    // What belongs to another tenant is told of as what belongs to nobody.
    if (!told.active || told.org !== asker.value.organization) return reply({ active: false })
    return reply(told)
  },
}

/** Ends a login by a token of it (RFC 7009): it is its own leave, and a client that says who it is must be right. */
export const revokeRoute: Route = {
  id: 'oauth-revoke',
  method: 'POST',
  path: '/oauth/revoke',
  tag: 'OAuth',
  summary: 'Ends a login with all its tokens; answers the same for what is no token.',
  access: 'open',
  dialect: 'oauth',
  body: { schema: tokenShown, forms: true },
  answer: z.strictObject({}),
  async run(call) {
    const { token, ...said } = call.body as TokenShown
    const client = readClient(call.authorization, said)
    if ('refusal' in client) return client
    const { by, id } = client.value
    const known = by === 'nothing' ? { value: id } : await authenticateClient(call, client.value)
    if ('refusal' in known) return known
    if (token === undefined) return badRequest('token is required')
    const told = id === undefined ? undefined : await call.engine.introspect(token)
    if (told?.active && told.sub !== id)
      return wrong('unauthorized_client', 'The token was issued to another client')
    await call.engine.revoke(token, call.source)
    return reply({})
  },
}

/** Whoever asks shows a token of its own, or authenticates as a client. */
async function findAsker(
  call: Call,
  said: TokenShown,
): Promise<Outcome<{ readonly organization: string }>> {
  const bearer = parseBearer(call.authorization)
  if (bearer.kind !== 'absent') {
    const principal = await call.engine.tryAuthenticate(tokenOf(bearer), call.source)
    return isCountersignError(principal) ? { refusal: principal } : { value: principal }
  }
  const client = readClient(call.authorization, said)
  return 'refusal' in client ? client : authenticateClient(call, client.value)
}
