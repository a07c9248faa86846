import type { WiredMethod } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import * as z from 'zod'
import { parseBearer, sourceBeside, tokenOf } from '../bearer.ts'
import type { Outcome } from '../refusal.ts'
import { badRequest, TOKEN_MISSING } from '../refusal.ts'
import { grantAnswer, toGrantAnswer, wireClaimsOf } from '../wire/grant.ts'
import type { Call, Reply, Route } from './route.ts'
import { reply } from './route.ts'

const LONGEST_TOKEN = 8192

const presented = {
  schema: z.looseObject({
    accessToken: z
      .string('must be a string')
      .max(LONGEST_TOKEN, `must be at most ${LONGEST_TOKEN} characters long`)
      .optional(),
  }),
  forms: true,
  optional: true,
} as const

const message = z.strictObject({ message: z.string() })

/** What a token does for itself: it is extended, ended, and told who it is. */
export function tokenRoutes(methods: readonly WiredMethod[]): readonly Route[] {
  const claims = wireClaimsOf(methods)
  return [
    {
      id: 'renew-token',
      method: 'POST',
      path: '/api/v1/auth/token/renew',
      tag: 'Tokens',
      summary: 'Extends a login: a new token, up to the end that its method allows.',
      access: 'token',
      body: presented,
      answer: grantAnswer,
      async run(call) {
        const token = presentedToken(call)
        if (token === undefined) return badRequest('accessToken is required')
        return reply(toGrantAnswer(await call.engine.renew(token, call.source, claims)))
      },
    },
    {
      id: 'revoke-token',
      method: 'POST',
      path: '/api/v1/auth/token/revoke',
      tag: 'Tokens',
      summary: 'Ends a login with all its renewals; answers the same for what is no token.',
      access: 'token',
      body: presented,
      answer: message,
      async run(call) {
        const token = presentedToken(call)
        if (token === undefined) return badRequest('accessToken is required')
        await call.engine.revoke(token, call.source)
        return reply({ message: 'Successfully revoked access token' })
      },
    },
    {
      id: 'describe-token',
      method: 'GET',
      path: '/api/v1/identities/details',
      tag: 'Tokens',
      summary: 'Names the organization of the identity that shows its token.',
      access: 'token',
      answer: z.strictObject({
        identityDetails: z.strictObject({
          organization: z.strictObject({ id: z.string(), name: z.string(), slug: z.string() }),
        }),
      }),
      run: describeIdentity,
    },
  ]
}

const HOST_LABEL = 'http: identity details'

async function describeIdentity({ engine, authorization, source }: Call): Promise<Outcome<Reply>> {
  const bearer = parseBearer(authorization)
  if (bearer.kind === 'absent') return { refusal: TOKEN_MISSING }
  const principal = await engine.tryAuthenticate(
    tokenOf(bearer),
    sourceBeside(bearer.scheme, source),
  )
  if (isCountersignError(principal)) return { refusal: principal }
  const key = { id: principal.organization }
  const { id, name } = await engine.asHost(HOST_LABEL).organizations.get(key)
  return reply({ identityDetails: { organization: { id, name, slug: id } } })
}

/** The body's token, else the header's: some clients send both. */
function presentedToken({ body, authorization }: Call): string | undefined {
  const { accessToken } = body as { readonly accessToken?: string }
  const bearer = parseBearer(authorization)
  return accessToken ?? (bearer.kind === 'absent' ? undefined : tokenOf(bearer))
}
