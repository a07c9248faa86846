import { createHandler } from '@countersign/http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectContract } from './support/answer.ts'
import { ask, streamOf } from './support/ask.ts'
import { aManaged } from './support/manager.ts'

/** 500 requests a route, twenty times as many when soaking. */
const RUNS = process.env['COUNTERSIGN_SOAK'] === '1' ? 10_000 : 500

/** A handler of its own for each route: none is told what another one spoilt. */
async function aVictim() {
  const { countersign, clientId, accessToken, ok } = await aManaged()
  const { identity } = await ok('POST', '/api/v1/identities', { name: 'target' })
  await ok('POST', `/api/v1/auth/universal-auth/identities/${identity.id}`)
  await ok('POST', `/api/v1/auth/token-auth/identities/${identity.id}`)
  const handler = createHandler(countersign, {
    user: () => ({ user: 'u_1', organization: 'acme', bindings: [{ role: 'member' }] }),
  })
  const words = new Map([
    [TOKEN, accessToken],
    [ADMIN, clientId],
    [TARGET, identity.id as string],
  ])
  const put = (text: string): string => text.replaceAll(WORDS, (word) => words.get(word) ?? word)
  return { handler, put, countersign }
}

const TOKEN = '<token>'
const ADMIN = '<admin>'
const TARGET = '<target>'
const WORDS = /<(?:token|admin|target)>/g

const { handler: HANDLER } = await aVictim()

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const DOCUMENT = JSON.parse(
  (await ask(HANDLER, '/openapi.json', { method: 'GET' })).body,
) as unknown as Document

const ROUTES = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => [method.toUpperCase(), path] as const),
)

const names = [
  ...new Set([
    ...[...JSON.stringify(DOCUMENT).matchAll(/"([A-Za-z$]{2,30})":/g)].map(([, name = '']) => name),
    '__proto__',
    'constructor',
    'toString',
  ]),
]

const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(TARGET, 'web') },
  fc.constantFrom(
    ADMIN,
    TARGET,
    TARGET,
    'web',
    'api',
    'acme',
    'globex',
    'a%3Ab',
    'idn_x',
    'rol_x',
    '__proto__',
  ),
  fc.string({ unit: fc.constantFrom(...'aZ0_.:@~-%/'), minLength: 1, maxLength: 12 }),
)

const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    1.5,
    1e21,
    '',
    'admin',
    'viewer',
    '0',
    '1h',
  ),
  fc.constantFrom<unknown>('2026-03-01T13:00:00Z', '0.0.0.0/0', 'secret', 'read', '*', TARGET),
  fc.string({ maxLength: 20 }),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
  ),
}))

const body = fc.oneof(
  fc
    .dictionary(fc.constantFrom(...names), value, { maxKeys: 6 })
    .map((said) => JSON.stringify(said)),
  value.map((said) => JSON.stringify(said) ?? ''),
  fc.string({ maxLength: 60 }),
  fc.constantFrom('', '{', '[]', 'null', '{"a":1,"a":2}', 'clientId=a&clientSecret=b', 'a[b]=1'),
)

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** What a schema of the document makes likely, and now and then anything. */
function likely({ type, enum: values, properties, items }: Schema): fc.Arbitrary<unknown> {
  const wild = { weight: 1, arbitrary: value }
  const tame = (arbitrary: fc.Arbitrary<unknown>) => fc.oneof({ weight: 5, arbitrary }, wild)
  if (values !== undefined) return tame(fc.constantFrom(...values))
  if (properties !== undefined) {
    const members = Object.entries(properties).map(([name, one]) => [name, likelyFor(name, one)])
    return tame(fc.record(Object.fromEntries(members), { requiredKeys: [] }))
  }
  if (items !== undefined) return tame(fc.array(likely(items), { maxLength: 3 }))
  if (type === 'integer') return tame(fc.constantFrom(0, 1, 30, 60, 600, 3600, 315_360_000))
  if (type === 'boolean') return tame(fc.boolean())
  return tame(fc.oneof(leaf, fc.constantFrom('a', 'deploy', 'no-access', TARGET, 'web', 'x-1')))
}

const OAUTH = 'urn:ietf:params:oauth:'
const JWT = `${btoa('{"alg":"HS256"}')}.${btoa('{"sub":"x"}')}.AAAA`.replaceAll('=', '')

/** What the fields of OAuth are likely to hold: most of them are texts of any kind to their schemas. */
const LIKELY: Readonly<Record<string, readonly string[]>> = {
  grant_type: [
    'client_credentials',
    `${OAUTH}grant-type:token-exchange`,
    `${OAUTH}grant-type:jwt-bearer`,
  ],
  subject_token_type: ['access_token', 'jwt', 'id_token', 'saml2'].map(
    (type) => `${OAUTH}token-type:${type}`,
  ),
  subject_token: [TOKEN, JWT, 'a.b.c'],
  token: [TOKEN, JWT, 'a.b.c'],
  assertion: [TOKEN, JWT],
  client_assertion: [TOKEN, JWT],
  client_assertion_type: [`${OAUTH}client-assertion-type:jwt-bearer`],
  client_id: [ADMIN, TARGET],
  scope: ['secret:read', 'openid', '*', 'secret:fly', 'secret:* invoice:read'],
  resource: ['https://id.example.com', 'https://api.example.com', 'api#x'],
  audience: [ADMIN, 'https://id.example.com', `${ADMIN}/universal`, 'a/b/c'],
}

function likelyFor(name: string, schema: Schema): fc.Arbitrary<unknown> {
  const known = LIKELY[name]
  if (known === undefined) return likely(schema)
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, likely(schema))
}

/** Bodies of one route. */
function bodiesOf(method: string, path: string): fc.Arbitrary<string> {
  const operation = DOCUMENT.paths[path]?.[method.toLowerCase()] as Operation | undefined
  const schema = operation?.requestBody?.content['application/json']?.schema
  const said = schema === undefined ? value : likely(schema)
  const asJson = said.map((one) => JSON.stringify(one) ?? '')
  return fc.oneof({ weight: 5, arbitrary: asJson }, { weight: 1, arbitrary: body })
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

const query = fc.oneof(
  { weight: 16, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...names), id).map(([name, said]) => `?${name}=${said}`),
  },
  fc.string({ maxLength: 20 }).map((text) => `?${encodeURI(Buffer.from(text).toString())}`),
  fc.constantFrom('?limit=1&limit=2', '?offset=-1', '?limit=1e9', '?%', '?a[]=1', '?offset=99999'),
)

const authorization = fc.oneof(
  { weight: 24, arbitrary: fc.constant(`Bearer ${TOKEN}`) },
  fc.constantFrom<string | undefined>(undefined, '', 'Bearer', 'Basic eDp5', 'Bearer a.b.c'),
  fc.constant(`Bearer ${TOKEN}, Bearer ${TOKEN}`),
  fc.string({ maxLength: 30 }),
)

/** A header that is seldom there, so that most requests get as far as their bodies. */
const seldom = (...values: readonly string[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom<string | undefined>(...values) },
  )

const headers = fc.record({
  'content-type': fc.oneof(
    { weight: 9, arbitrary: fc.constant('application/json') },
    fc.constantFrom(
      'application/json; charset=utf-8',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json; charset=utf-16',
      '',
    ),
  ),
  'content-length': seldom('10', '-1', 'x', '99999999999'),
  'content-encoding': seldom('identity', 'gzip'),
  'early-data': seldom('1'),
  'idempotency-key': seldom('k', '', 'a b'),
  origin: seldom('https://id.example.com', 'https://evil.example', 'null'),
  'sec-fetch-site': seldom('same-origin', 'cross-site', 'none'),
  'x-request-id': seldom('a', 'a b', '<script>', 'ü'),
  'x-http-method-override': seldom('DELETE', 'GET'),
})

const verb = (method: string) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(method) },
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'),
  )

/** The headers of a request that are there, with their words put in. */
function headersOf(
  said: Readonly<Record<string, string | undefined>>,
  put: (text: string) => string,
): Readonly<Record<string, string>> {
  const sent = Object.entries(said).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, put(text)] as const],
  )
  return Object.fromEntries(sent)
}

describe(`every route survives ${RUNS} requests that nobody would make`, () => {
  test.each(ROUTES)('%s %s', { timeout: 600_000 }, async (method, template) => {
    const { handler, put, countersign } = await aVictim()
    const parts = template.match(/\{\w+\}/g) ?? []
    const path = fc
      .array(id, { minLength: parts.length, maxLength: parts.length })
      .map((ids) => ids.reduce((filled, one) => filled.replace(/\{\w+\}/, () => one), template))
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: verb(method),
          path,
          query,
          body: bodiesOf(method, template),
          headers,
          authorization,
        }),
        async (one) => {
          const target = put(one.path + one.query)
          if (!handler.owns(one.method, target)) return
          const answer = await ask(handler, target, {
            method: one.method,
            headers: headersOf({ ...one.headers, authorization: one.authorization }, put),
            body: streamOf(put(one.body)),
          })
          expect(answer.status, answer.body).toBeLessThan(500)
          expect(answer.status).not.toBe(422)
          expectContract(answer)
        },
      ),
      { numRuns: RUNS },
    )
    await expect(countersign.ready()).resolves.toBeUndefined()
  })
})
