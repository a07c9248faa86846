import type { Expected, HttpCase } from './case.ts'
import { badRequest, CREDENTIAL, FORM, form, GRANTED, LOGIN, post } from './case.ts'

const UNSUPPORTED: Expected = { status: 415, body: { error: 'UnsupportedMediaType' } }

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
    expected: badRequest('clientId must not be in the query'),
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
  expected: { ...badRequest('The request body must not hold a name twice'), byParser: [200] },
}))

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`

const complexity: readonly HttpCase[] = [
  ['what is no JSON', 'clientId'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"clientId"'],
  ['half an object', '{"clientId":"<clientId>"'],
  ['nothing', ''],
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

const byteOrderMark: HttpCase = {
  name: 'HTP-006 login refuses a byte order mark',
  request: post(LOGIN, `\uFEFF${JSON.stringify(CREDENTIAL)}`),
  expected: { status: 400, byParser: [200] },
}

const escapes: readonly HttpCase[] = ['%', '%zz', '%ff', '%ed%a0%bd'].map((code) => ({
  name: `HTP-006 login refuses a form with the escape ${code}`,
  request: form(`${FORM}&x=${code}`),
  expected: { ...badRequest('The form must be percent-encoded UTF-8'), byParser: [200, 400] },
}))

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

/** Requests that are judged by the form of their bodies. */
export const bodyCases: readonly HttpCase[] = [
  ...contentTypes,
  ...duplicates,
  ...folded,
  ...complexity,
  byteOrderMark,
  ...escapes,
  ...sizes,
]
