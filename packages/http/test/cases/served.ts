import type { Expected, HttpCase } from './case.ts'
import {
  CREDENTIAL,
  DETAILS,
  FORM,
  form,
  GRANTED,
  JWKS,
  LOGIN,
  post,
  RENEW,
  REVOKE,
} from './case.ts'

const BEARER = { authorization: 'Bearer <accessToken>' }
const REVOKED: Expected = {
  status: 200,
  body: { message: 'Successfully revoked access token' },
}

/** Requests that real clients send, and their answers. */
export const servedCases: readonly HttpCase[] = [
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
  ...[
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
  ].map((type) => ({
    name: `login takes ${type}`,
    request: post(LOGIN, CREDENTIAL, { 'content-type': type }),
    expected: GRANTED,
  })),
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
    name: 'renew takes the token from the header of a request without a body',
    request: { method: 'POST', path: RENEW, headers: BEARER },
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
    name: 'KEY-008 jwks may be kept by everybody for five minutes',
    request: { path: JWKS },
    expected: { status: 200, headers: { 'cache-control': 'public, max-age=300' } },
  },
  {
    name: 'HTP-018 jwks answers early data, because nothing changes',
    request: { path: JWKS, headers: { 'early-data': '1' } },
    expected: { status: 200 },
  },
]
