import type { GrantOptions, WiredMethod, WireField, WireMapping } from '@countersign/core'
import * as z from 'zod'
import { grantAnswer, toGrantAnswer, wireClaimsOf } from '../wire/grant.ts'
import { setPath } from '../wire/paths.ts'
import type { Call, Route } from './route.ts'
import { reply } from './route.ts'

/** The routes by which identities log in: one for each method that has a name on this wire. */
export function loginRoutes(methods: readonly WiredMethod[]): readonly Route[] {
  const claims = wireClaimsOf(methods)
  return methods.flatMap(({ method, wire }) =>
    wire === undefined ? [] : [loginRoute(method, wire, claims)],
  )
}

function loginRoute(method: string, wire: WireMapping, claims: GrantOptions): Route {
  const { identity: called = 'identityId', login, slug } = wire
  return {
    id: `login-${slug}`,
    method: 'POST',
    path: `/api/v1/auth/${slug}/login`,
    tag: 'Logins',
    summary: `Exchanges a credential of ${slug} for a short-lived access token.`,
    access: 'open',
    body: { schema: loginSchema(wire), forms: true },
    answer: grantAnswer,
    example: { answer: GRANT },
    async run({ engine, body, source }) {
      const { [called]: identity, ...fields } = body as Readonly<Record<string, string | undefined>>
      const credential = credentialOf(login, fields)
      const named = identity === undefined ? {} : { identity }
      const grant = await engine.login({ method, ...named, credential }, source, claims)
      return reply(toGrantAnswer(grant))
    },
  }
}

const GRANT = {
  accessToken: 'eyJ…',
  expiresIn: 7200,
  accessTokenMaxTTL: 7200,
  tokenType: 'Bearer',
}

/** The longest field of a login that says nothing else. */
const LONGEST_FIELD = 16_384
const LONGEST_ID = 256

function loginSchema({ identity = 'identityId', identityOptional, login }: WireMapping) {
  const id = text(LONGEST_ID)
  const fields = Object.entries(login).map(([name, field]) => [name, fieldOf(field)])
  // What is not known here is ignored: real clients send more.
  return z.looseObject({
    [identity]: identityOptional === true ? lax(LONGEST_ID).optional() : id,
    ...Object.fromEntries(fields),
  })
}

function fieldOf({ longest = LONGEST_FIELD, mayBeEmpty, optional }: WireField): z.ZodType {
  const field = mayBeEmpty === true ? lax(longest) : text(longest)
  return optional === true ? field.optional() : field
}

function text(longest: number): z.ZodType<string> {
  return z
    .string('must be a string')
    .min(1, 'must not be empty')
    .max(longest, `must be at most ${longest} characters long`)
}

function lax(longest: number): z.ZodType<string> {
  return z.string('must be a string').max(longest, `must be at most ${longest} characters long`)
}

/** The credential that a method takes, out of the fields that its wire names. */
function credentialOf(
  fields: Readonly<Record<string, WireField>>,
  said: Readonly<Record<string, string | undefined>>,
): Call['body'] {
  const credential = {}
  for (const [name, { to }] of Object.entries(fields))
    if (said[name] !== undefined) setPath(credential, to, said[name])
  return credential
}
