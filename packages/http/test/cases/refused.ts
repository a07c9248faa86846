import { POINTER } from '../support/answer.ts'
import type { Expected, HttpCase } from './case.ts'
import {
  badRequest,
  CREDENTIAL,
  DETAILS,
  FORM,
  form,
  JWKS,
  LOGIN,
  post,
  RENEW,
  REVOKE,
} from './case.ts'

const BEARER = { authorization: 'Bearer <accessToken>' }
const NOT_OURS: Expected = { status: 404, handedOn: true }
const TOO_EARLY: Expected = { status: 425, body: { error: 'TooEarly' } }
const notAllowed = (allow: string): Expected => ({ status: 405, headers: { allow } })

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
    expected: {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="countersign", ${POINTER}` },
    },
  },
  {
    name: 'details refuses a bad token with a challenge',
    request: { path: DETAILS, headers: { authorization: 'Bearer nothing.of.ours' } },
    expected: {
      status: 401,
      headers: { 'www-authenticate': /error="invalid_token".*, resource_metadata="https:/ },
    },
  },
]

const wrongTypes: readonly HttpCase[] = [{ $ne: null }, ['id'], 1, true, null].flatMap((value) =>
  ['clientId', 'clientSecret'].map((field) => ({
    name: `LGN-012 login refuses ${JSON.stringify(value)} for ${field}`,
    request: post(LOGIN, { ...CREDENTIAL, [field]: value }),
    expected: badRequest(`${field} must be a string`),
  })),
)

const fields: readonly HttpCase[] = [
  {
    name: 'login refuses a body without a client id',
    request: post(LOGIN, { clientSecret: '<clientSecret>' }),
    expected: badRequest('clientId is required'),
  },
  {
    name: 'login refuses a body without a secret',
    request: post(LOGIN, { clientId: '<clientId>' }),
    expected: badRequest('clientSecret is required'),
  },
  {
    name: 'login refuses an empty secret',
    request: form('clientId=<clientId>&clientSecret='),
    expected: badRequest('clientSecret must not be empty'),
  },
  {
    name: 'login refuses an endless client id',
    request: post(LOGIN, { ...CREDENTIAL, clientId: 'a'.repeat(257) }),
    expected: badRequest('clientId must be at most 256 characters long'),
  },
  {
    name: 'login refuses an endless secret',
    request: post(LOGIN, { ...CREDENTIAL, clientSecret: 'a'.repeat(513) }),
    expected: badRequest('clientSecret must be at most 512 characters long'),
  },
  {
    name: 'renew refuses a token that is no text',
    request: post(RENEW, { accessToken: 7 }, BEARER),
    expected: badRequest('accessToken must be a string'),
  },
  {
    name: 'TOK-005 renew refuses a token in the query',
    request: post(`${RENEW}?accessToken=<accessToken>`, {}),
    expected: badRequest('accessToken must not be in the query'),
  },
  {
    name: 'TOK-005 renew reads no token out of a cookie or another header',
    request: post(
      RENEW,
      {},
      { cookie: 'accessToken=<accessToken>', 'x-access-token': '<accessToken>' },
    ),
    expected: badRequest('accessToken is required'),
  },
]

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

/** Requests that are refused for what stands outside of their bodies, or in their fields. */
export const refusedCases: readonly HttpCase[] = [
  ...unauthorized,
  ...wrongTypes,
  ...fields,
  ...paths,
  ...methods,
  ...earlyData,
  ...headers,
]
