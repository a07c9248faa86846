import type { WireRequest } from '../support/wire.ts'

/** What a client must see. */
export interface Expected {
  readonly status: number
  /** Members of the body. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string | RegExp>>
  /** It is not ours: the app behind the handler answers it, and finds the body unread. */
  readonly handedOn?: true
  /** Statuses where a body parser of the host's reads first: it may refuse by itself, or have folded what is there twice. */
  readonly byParser?: readonly number[]
}

/** One request, and what must come of it. `<clientId>`, `<clientSecret>` and `<accessToken>` stand for good ones. */
export interface HttpCase {
  readonly name: string
  readonly request: WireRequest
  readonly expected: Expected
}

export const LOGIN = '/api/v1/auth/universal-auth/login'
export const RENEW = '/api/v1/auth/token/renew'
export const REVOKE = '/api/v1/auth/token/revoke'
export const DETAILS = '/api/v1/identities/details'
export const JWKS = '/.well-known/jwks.json'

/** A good credential as JSON, and as a form. */
export const CREDENTIAL = { clientId: '<clientId>', clientSecret: '<clientSecret>' }
export const FORM = 'clientId=<clientId>&clientSecret=<clientSecret>'

/** Posts JSON, or any text as JSON. */
export const post = (
  path: string,
  body: unknown,
  headers: WireRequest['headers'] = {},
): WireRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Posts a form. */
export const form = (body: string, path = LOGIN): WireRequest =>
  post(path, body, { 'content-type': 'application/x-www-form-urlencoded' })

/** What a login or a renewal with the default policy answers. */
export const GRANTED: Expected = {
  status: 200,
  body: { expiresIn: 7200, accessTokenMaxTTL: 7200, tokenType: 'Bearer' },
}

/** What is answered to a request that must be repaired. */
export const badRequest = (message: string): Expected => ({
  status: 400,
  body: { error: 'BadRequest', message },
})
