import type { WireRequest } from './support/wire.ts'

/** What a client must see. */
export interface Expected {
  readonly status: number
  /** Members of the body. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string | RegExp>>
  /** It is not ours: the app behind the handler answers it, and finds the body unread. */
  readonly handedOn?: true
  /** What it is where a body parser of the host's reads first, and answers by itself. */
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

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const BEARER = { authorization: 'Bearer <accessToken>' }
const CREDENTIAL = { clientId: '<clientId>', clientSecret: '<clientSecret>' }
const FORM = 'clientId=<clientId>&clientSecret=<clientSecret>'

const post = (path: string, body: unknown, headers: WireRequest['headers'] = {}): WireRequest => ({
  method: 'POST',
  path,
  headers: { ...JSON_TYPE, ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const form = (body: string, path = LOGIN): WireRequest => post(path, body, FORM_TYPE)

const GRANTED: Expected = {
  status: 200,
  body: { expiresIn: 7200, accessTokenMaxTTL: 7200, tokenType: 'Bearer' },
}
const REVOKED: Expected = {
  status: 200,
  body: { message: 'Successfully revoked access token' },
}
const refused = (message: string): Expected => ({
  status: 400,
  body: { error: 'BadRequest', message },
})
const UNSUPPORTED: Expected = { status: 415, body: { error: 'UnsupportedMediaType' } }
const NOT_OURS: Expected = { status: 404, handedOn: true }
const TOO_EARLY: Expected = { status: 425, body: { error: 'TooEarly' } }
const notAllowed = (allow: string): Expected => ({ status: 405, headers: { allow } })

const granted: readonly HttpCase[] = [
  { name: 'login takes JSON', request: post(LOGIN, CREDENTIAL), expected: GRANTED },
  { name: 'login takes a form', request: form(FORM), expected: GRANTED },
  {
    name: 'login takes a trailing slash',
    request: post(`${LOGIN}/`, CREDENTIAL),
    expected: GRANTED,
  },
  {
    name: 'login takes an empty Authorization for none',
    request: post(LOGIN, CREDENTIAL, { authorization: '' }),
    expected: GRANTED,
  },
  {
    name: 'login ignores fields that it does not know',
    request: post(LOGIN, { ...CREDENTIAL, organizationSlug: 'acme', deep: { er: [1, null] } }),
    expected: GRANTED,
  },
  {
    name: 'login ignores fields of a form that it does not know',
    request: form(`${FORM}&organizationSlug=acme`),
    expected: GRANTED,
  },
  {
    name: 'login ignores a query that names none of its fields',
    request: post(`${LOGIN}?from=ci`, CREDENTIAL),
    expected: GRANTED,
  },
  ...['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'].map(
    (type) => ({
      name: `login takes ${type}`,
      request: post(LOGIN, CREDENTIAL, { 'content-type': type }),
      expected: GRANTED,
    }),
  ),
  {
    name: 'HTP-017 login answers another origin like any other client, without CORS headers',
    request: post(LOGIN, CREDENTIAL, { origin: 'https://evil.example' }),
    expected: GRANTED,
  },
  {
    name: 'renew takes the token from the body',
    request: post(RENEW, { accessToken: '<accessToken>' }),
    expected: GRANTED,
  },
  {
    name: 'renew takes the token from a form, and a trailing slash',
    request: form('accessToken=<accessToken>', `${RENEW}/`),
    expected: GRANTED,
  },
  {
    name: 'renew takes the token from the header',
    request: post(RENEW, {}, BEARER),
    expected: GRANTED,
  },
  {
    name: 'renew takes the token from both',
    request: post(RENEW, { accessToken: '<accessToken>' }, BEARER),
    expected: GRANTED,
  },
  {
    name: 'revoke ends a token',
    request: post(REVOKE, { accessToken: '<accessToken>' }),
    expected: REVOKED,
  },
  {
    name: 'revoke answers the same for what is no token of ours',
    request: post(REVOKE, { accessToken: 'nothing.of.ours' }),
    expected: REVOKED,
  },
  {
    name: 'details names the organization of the bearer',
    request: { path: DETAILS, headers: BEARER },
    expected: {
      status: 200,
      body: { identityDetails: { organization: { id: 'acme', name: 'Acme', slug: 'acme' } } },
    },
  },
  {
    name: 'details answers HEAD without a body',
    request: { method: 'HEAD', path: DETAILS, headers: BEARER },
    expected: { status: 200 },
  },
  {
    name: 'jwks may be kept by everybody for five minutes',
    request: { path: JWKS },
    expected: { status: 200, headers: { 'cache-control': 'public, max-age=300' } },
  },
  {
    name: 'HTP-018 jwks answers early data, because nothing changes',
    request: { path: JWKS, headers: { 'early-data': '1' } },
    expected: { status: 200 },
  },
]

const unauthorized: readonly HttpCase[] = [
  {
    name: 'login refuses a wrong secret',
    request: post(LOGIN, { ...CREDENTIAL, clientSecret: 'wrong' }),
    expected: { status: 401, body: { message: 'The credential was not accepted' } },
  },
  {
    name: 'renew refuses what is no token of ours',
    request: post(RENEW, { accessToken: 'nothing.of.ours' }),
    expected: { status: 401, body: { message: 'The access token is not valid' } },
  },
  {
    name: 'details refuses without a token, and names no error',
    request: { path: DETAILS },
    expected: { status: 401, headers: { 'www-authenticate': 'Bearer realm="countersign"' } },
  },
  {
    name: 'details refuses a bad token with a challenge',
    request: { path: DETAILS, headers: { authorization: 'Bearer nothing.of.ours' } },
    expected: { status: 401, headers: { 'www-authenticate': /error="invalid_token"/ } },
  },
]

const wrongTypes: readonly HttpCase[] = [{ $ne: null }, ['id'], 1, true, null].flatMap((value) =>
  ['clientId', 'clientSecret'].map((field) => ({
    name: `LGN-012 login refuses ${JSON.stringify(value)} for ${field}`,
    request: post(LOGIN, { ...CREDENTIAL, [field]: value }),
    expected: refused(`${field} must be a string`),
  })),
)

const fields: readonly HttpCase[] = [
  {
    name: 'login refuses a body without a client id',
    request: post(LOGIN, { clientSecret: '<clientSecret>' }),
    expected: refused('clientId is required'),
  },
  {
    name: 'login refuses a body without a secret',
    request: post(LOGIN, { clientId: '<clientId>' }),
    expected: refused('clientSecret is required'),
  },
  {
    name: 'login refuses an empty secret',
    request: form('clientId=<clientId>&clientSecret='),
    expected: refused('clientSecret must not be empty'),
  },
  {
    name: 'login refuses an endless client id',
    request: post(LOGIN, { ...CREDENTIAL, clientId: 'a'.repeat(257) }),
    expected: refused('clientId must be at most 256 characters'),
  },
  {
    name: 'login refuses an endless secret',
    request: post(LOGIN, { ...CREDENTIAL, clientSecret: 'a'.repeat(513) }),
    expected: refused('clientSecret must be at most 512 characters'),
  },
  {
    name: 'renew refuses a token that is no text',
    request: post(RENEW, { accessToken: 7 }, BEARER),
    expected: refused('accessToken must be a string'),
  },
  {
    name: 'TOK-005 renew does not read a token in the query',
    request: post(`${RENEW}?accessToken=<accessToken>`, {}),
    expected: refused('accessToken is required'),
  },
]

const contentTypes: readonly HttpCase[] = [
  ...['text/plain', 'application/jsonx', 'multipart/form-data; boundary=x', 'constructor', ''].map(
    (type) => ({
      name: `HTP-003 login refuses the content type ${JSON.stringify(type)}`,
      request: post(LOGIN, CREDENTIAL, { 'content-type': type }),
      expected: UNSUPPORTED,
    }),
  ),
  {
    name: 'HTP-003 login refuses a body without a content type',
    request: { method: 'POST', path: LOGIN, body: JSON.stringify(CREDENTIAL) },
    expected: UNSUPPORTED,
  },
  {
    name: 'HTP-003 login refuses UTF-16',
    request: post(LOGIN, CREDENTIAL, { 'content-type': 'application/json; charset=utf-16' }),
    expected: { ...UNSUPPORTED, byParser: [400, 415] },
  },
  ...['gzip', 'br', 'identity, gzip'].map((encoding) => ({
    name: `HTP-003 login refuses the content encoding ${encoding}`,
    request: post(LOGIN, CREDENTIAL, { 'content-encoding': encoding }),
    expected: { ...UNSUPPORTED, byParser: [400, 415, 500] },
  })),
]

const duplicates: readonly HttpCase[] = [
  {
    name: 'HTP-004 login refuses a form field that is there twice',
    request: form(`clientId=other&${FORM}`),
    expected: { status: 400 },
  },
  {
    name: 'HTP-004 login refuses a form field that is there twice, once with escapes',
    request: form(`client%49d=other&${FORM}`),
    expected: { status: 400 },
  },
  {
    name: 'HTP-004 login refuses a form field with brackets',
    request: form('clientId=<clientId>&clientSecret[]=<clientSecret>'),
    expected: { status: 400 },
  },
  {
    name: 'HTP-004 login refuses a form field under a prototype',
    request: form('__proto__[clientId]=<clientId>&__proto__[clientSecret]=<clientSecret>'),
    expected: { status: 400 },
  },
  {
    name: 'HTP-004 login refuses a field in the query and in the body',
    request: post(`${LOGIN}?clientId=<clientId>`, CREDENTIAL),
    expected: refused('A field is there twice, in the query and in the body'),
  },
  {
    name: 'HTP-004 login reads no field out of the query',
    request: form('', `${LOGIN}?${FORM}`),
    expected: { status: 400 },
  },
]

/** JSON tells members apart that a parser in front of us has folded already. */
const folded: readonly HttpCase[] = [
  ['there twice', '{"clientId":"other","clientId":"<clientId>","clientSecret":"<clientSecret>"}'],
  [
    'there twice, once with escapes',
    '{"client\\u0049d":"other","clientId":"<clientId>","clientSecret":"<clientSecret>"}',
  ],
  [
    'there twice, once far from its colon',
    `{"clientId"${' '.repeat(100)}:"other","clientId":"<clientId>","clientSecret":"<clientSecret>"}`,
  ],
].map(([what = '', body = '']) => ({
  name: `HTP-004 login refuses a JSON member that is ${what}`,
  request: post(LOGIN, body),
  expected: { ...refused('A member of the body is there twice'), byParser: [200] },
}))

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`

const complexity: readonly HttpCase[] = [
  ['what is no JSON', 'clientId'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"clientId"'],
  ['half an object', '{"clientId":"<clientId>"'],
  ['nothing', ''],
  ['a byte order mark', `\uFEFF${JSON.stringify(CREDENTIAL)}`],
  ['one more nesting than 16', nested(16)],
  ['10,000 nestings', nested(10_000)],
  ['10,000 nestings that never end', `{"a":${'['.repeat(10_000)}`],
  ['a number of 30,000 digits', `{"clientId":${'9'.repeat(30_000)}}`],
  ['3,000 members', `{${Array.from({ length: 3000 }, (_, n) => `"m${n}":0`).join(',')}}`],
  ['half a character', '{"clientId":"\\ud83d","clientSecret":"<clientSecret>"}'],
].map(([what = '', body = '']) => ({
  name: `HTP-006 login refuses ${what}`,
  request: post(LOGIN, body),
  expected: { status: 400, byParser: [400] },
}))

const escapes: readonly HttpCase[] = ['%', '%zz', '%ff', '%ed%a0%bd'].map((escape) => ({
  name: `HTP-006 login refuses a form with the escape ${escape}`,
  request: form(`${FORM}&x=${escape}`),
  expected: { ...refused('The body has a malformed escape'), byParser: [200, 400] },
}))

const paths: readonly HttpCase[] = [
  `/${LOGIN}`,
  LOGIN.replace('/auth/', '//auth/'),
  LOGIN.replace('/auth/', '/auth/./'),
  LOGIN.replace('/auth/', '/auth/x/../'),
  LOGIN.replace('/login', '%2flogin'),
  LOGIN.replace('login', '%6cogin'),
  LOGIN.toUpperCase(),
  `${LOGIN};x`,
  `${LOGIN}//`,
  `${LOGIN}/.`,
  `${LOGIN}%00`,
  `${LOGIN}.json`,
  LOGIN.replace('/login', '\\login'),
  '/auth/login',
].map((path) => ({
  name: `HTP-007 nothing of ours is at ${path}`,
  request: post(path, CREDENTIAL),
  expected: NOT_OURS,
}))

const methods: readonly HttpCase[] = [
  ...['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'TRACE'].map((method) => ({
    name: `HTP-008 login is not there for ${method}`,
    request: { method, path: `${LOGIN}?${FORM}` },
    expected: notAllowed('POST'),
  })),
  ...['PUT', 'DELETE'].map((method) => ({
    name: `HTP-008 login is not there for ${method} with a body`,
    request: { ...post(LOGIN, CREDENTIAL), method },
    expected: notAllowed('POST'),
  })),
  {
    name: 'HTP-008 login is not there for GET that says it is POST',
    request: {
      path: `${LOGIN}?${FORM}`,
      headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST' },
    },
    expected: notAllowed('POST'),
  },
  ...[DETAILS, JWKS].map((path) => ({
    name: `HTP-008 ${path} is not there for POST`,
    request: post(path, {}),
    expected: notAllowed('GET, HEAD'),
  })),
  {
    name: 'HTP-017 a preflight is the business of the host',
    request: {
      method: 'OPTIONS',
      path: LOGIN,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    },
    expected: NOT_OURS,
  },
]

const earlyData: readonly HttpCase[] = [
  ...[LOGIN, RENEW, REVOKE].map((path) => ({
    name: `HTP-018 ${path} refuses early data`,
    request: post(path, { ...CREDENTIAL, accessToken: '<accessToken>' }, { 'early-data': '1' }),
    expected: TOO_EARLY,
  })),
  ...['1, 1', '0', ''].map((value) => ({
    name: `HTP-018 login takes an Early-Data of ${JSON.stringify(value)} for 1 (RFC 8470 section 5.1)`,
    request: post(LOGIN, CREDENTIAL, { 'early-data': value }),
    expected: TOO_EARLY,
  })),
]

const headers: readonly HttpCase[] = [
  ...['a\r\nset-cookie: evil=1', 'ü–日本', 'a\u0000b'].map((clientId) => ({
    name: `HTP-016 nothing of the client id ${JSON.stringify(clientId)} shows in a header`,
    request: post(LOGIN, { ...CREDENTIAL, clientId }),
    expected: { status: 401 },
  })),
  {
    name: 'HTP-016 an id of a request that is no plain word is replaced',
    request: post(LOGIN, { clientId: 'a' }, { 'x-request-id': 'a b;<script>' }),
    expected: { status: 400, headers: { 'x-request-id': /^[0-9a-f-]{36}$/ } },
  },
  {
    name: 'an id of a request that is a plain word is kept',
    request: post(LOGIN, { clientId: 'a' }, { 'x-request-id': 'req-1_A.b' }),
    expected: { status: 400, headers: { 'x-request-id': 'req-1_A.b' } },
  },
]

const sizes: readonly HttpCase[] = [
  {
    name: 'HTP-001 login refuses a body of 33 kB that says so, and closes',
    request: post(LOGIN, { ...CREDENTIAL, filler: 'x'.repeat(33_000) }),
    expected: {
      status: 413,
      body: { error: 'PayloadTooLarge' },
      headers: { connection: 'close' },
    },
  },
  {
    name: 'login takes a body of 32 kB',
    request: post(LOGIN, { ...CREDENTIAL, filler: 'x'.repeat(32_000) }),
    expected: GRANTED,
  },
]

/** The HTTP surface as data: it holds over every adapter, in every mounting. */
export const httpCases: readonly HttpCase[] = [
  ...granted,
  ...unauthorized,
  ...wrongTypes,
  ...fields,
  ...contentTypes,
  ...duplicates,
  ...folded,
  ...complexity,
  ...escapes,
  ...paths,
  ...methods,
  ...earlyData,
  ...headers,
  ...sizes,
]
