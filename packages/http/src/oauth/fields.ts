import * as z from 'zod'

/** The longest assertion or token that is looked at. */
const LONGEST_TOKEN = 8192
const LONGEST_TEXT = 1024

/** A field of a form; without a value it counts as left out (RFC 6749 section 3.2). */
function text(longest: number): z.ZodType<string | undefined> {
  return z
    .string('must be a string')
    .max(longest, `must be at most ${longest} characters long`)
    .transform((value) => (value === '' ? undefined : value))
    .optional()
}

/** How clients authenticate in a body. */
export const clientFields: Readonly<Record<keyof ClientFields, z.ZodType<string | undefined>>> = {
  client_id: text(256),
  client_secret: text(LONGEST_TEXT),
  client_assertion: text(LONGEST_TOKEN),
  client_assertion_type: text(LONGEST_TEXT),
}

/** What a body says of its client. */
export interface ClientFields {
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
  readonly client_assertion?: string | undefined
  readonly client_assertion_type?: string | undefined
}

/** A request for a token (RFC 6749, RFC 7523, RFC 8693, RFC 8707). */
export interface TokenFields extends ClientFields {
  readonly grant_type?: string | undefined
  readonly scope?: string | undefined
  readonly resource?: string | undefined
  readonly audience?: string | undefined
  readonly assertion?: string | undefined
  readonly subject_token?: string | undefined
  readonly subject_token_type?: string | undefined
  readonly requested_token_type?: string | undefined
  readonly actor_token?: string | undefined
}

/** What is not known here is ignored: real clients send more. */
export const tokenRequest: z.ZodType<TokenFields> = z.looseObject({
  grant_type: text(LONGEST_TEXT),
  scope: text(LONGEST_TOKEN),
  resource: text(LONGEST_TEXT),
  audience: text(LONGEST_TEXT),
  ...clientFields,
  assertion: text(LONGEST_TOKEN),
  subject_token: text(LONGEST_TOKEN),
  subject_token_type: text(LONGEST_TEXT),
  requested_token_type: text(LONGEST_TEXT),
  actor_token: text(LONGEST_TOKEN),
})

/** A question about a token, or its end (RFC 7662, RFC 7009). */
export interface TokenShown extends ClientFields {
  readonly token?: string | undefined
  readonly token_type_hint?: string | undefined
}

export const tokenShown: z.ZodType<TokenShown> = z.looseObject({
  token: text(LONGEST_TOKEN),
  token_type_hint: text(LONGEST_TEXT),
  ...clientFields,
})
