import { createHandler } from '@countersign/http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Adapter } from './adapter.ts'
import { bodyOf, expectContract } from './support/answer.ts'
import type { Served } from './support/serving.ts'
import { servingIn } from './support/serving.ts'

/** Requests of each adapter; every route is fuzzed by itself in `fuzz.test.ts`, without a socket. */
const RUNS = process.env['COUNTERSIGN_SOAK'] === '1' ? 20_000 : 400

const TOKEN = '<token>'

const id = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('<identity>', 'web', 'acme', 'idn_x', 'rol_x') },
  fc.constantFrom('a%3Ab', '__proto__', '..', '%2e%2e', 'x'.repeat(300)),
  fc.string({ unit: fc.constantFrom(...'aZ0_.:@~-%/'), minLength: 1, maxLength: 12 }),
)

const query = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom('?limit=1&limit=2', '?offset=-1', '?limit=1e9', '?%', '?a[]=1', '?__proto__=1'),
  fc.string({ maxLength: 20 }).map((text) => `?${encodeURI(Buffer.from(text).toString())}`),
)

const authorization = fc.oneof(
  { weight: 6, arbitrary: fc.constant(`Bearer ${TOKEN}`) },
  fc.constantFrom<string | undefined>(undefined, '', 'Bearer', 'Basic eDp5', `DPoP ${TOKEN}`),
  fc.constantFrom('Bearer a.b.c', `Bearer ${TOKEN}, Bearer ${TOKEN}`, `${TOKEN}`),
  fc.string({ unit: fc.constantFrom(...'Bbearer =.,"\\'), maxLength: 20 }),
)

const contentType = fc.oneof(
  { weight: 5, arbitrary: fc.constant('application/json') },
  fc.constantFrom<string | undefined>(
    undefined,
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    '/',
  ),
)

const names = [
  'name',
  'role',
  'clientId',
  'clientSecret',
  'accessToken',
  'permissions',
  '__proto__',
]
const body = fc.oneof(
  fc.constant(undefined),
  fc
    .dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
    .map((said) => JSON.stringify(said)),
  fc.string({ maxLength: 60 }),
  fc.constantFrom('', '{', '[]', 'null', '{"a":1,"a":2}', 'clientId=a&clientSecret=b', 'a[b]=1'),
)

/** A header that is there now and then. */
const seldom = (...values: readonly string[]) =>
  fc.constantFrom<string | undefined>(undefined, undefined, undefined, ...values)

const headers = fc.record({
  authorization,
  'content-type': contentType,
  'content-encoding': seldom('identity', 'gzip'),
  'early-data': seldom('1'),
  'idempotency-key': seldom('k', '', 'a b'),
  origin: seldom('https://id.example.com', 'https://evil.example', 'null'),
  'sec-fetch-site': seldom('same-origin', 'cross-site'),
  'x-request-id': seldom('a', 'a b', '<script>'),
  'x-http-method-override': seldom('DELETE', 'GET'),
  dpop: seldom('a.b.c', ''),
})

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS', 'PROPFIND']

/** Sends an adapter what nobody would, over a socket: what is ours keeps its promises, and the host lives. */
export function describeFuzz({ name, create, refusesTargets = false }: Adapter): void {
  const serving = servingIn(create)

  test(`${name} survives ${RUNS} requests that nobody would make`, { timeout: 600_000 }, () =>
    serving(
      async (served) => {
        const { countersign, ask } = served
        const accessToken = await tokenOfAnAdmin(served)
        const handler = createHandler(countersign)
        const put = (text: string) =>
          text.replaceAll(TOKEN, accessToken).replaceAll('<identity>', served.clientId)
        let ours = 0
        const fuzzed = fc.record({ route: await routesOf(served), query, headers, body })
        await fc.assert(
          fc.asyncProperty(fuzzed, async ({ route, query: asked, headers: said, body: text }) => {
            const path = put(route.path) + asked
            const sent = Object.entries(said).flatMap(([header, value]) =>
              value === undefined ? [] : [[header, put(value)] as const],
            )
            const answer = await ask({
              method: route.method,
              path,
              headers: Object.fromEntries(sent),
              body: route.method === 'GET' || route.method === 'HEAD' ? undefined : text,
            })
            expect(answer.status).toBeLessThan(500)
            if (!handler.owns(route.method, path)) return
            if (refusesTargets && !('x-request-id' in answer.headers)) return
            ours += 1
            expectContract(answer)
          }),
          { numRuns: RUNS },
        )
        expect(ours).toBeGreaterThan(RUNS / 4)
        const alive = await ask({ path: '/.well-known/jwks.json' })
        expect(alive.status).toBe(200)
      },
      { lockout: 'off' },
    ),
  )
}

/** Every route of the document, now and then by another method. */
async function routesOf({ ask }: Served) {
  const { paths } = bodyOf(await ask({ path: '/openapi.json' })) as unknown as {
    readonly paths: Readonly<Record<string, object>>
  }
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => [method.toUpperCase(), path] as const),
  )
  return fc.constantFrom(...routes).chain(([method, template]) =>
    fc.record({
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant(method) },
        { weight: 1, arbitrary: fc.constantFrom(...methods) },
      ),
      path: fc
        .array(id, { minLength: 3, maxLength: 3 })
        .map((ids) => ids.reduce((path, one) => path.replace(/\{\w+\}/, () => one), template)),
    }),
  )
}

async function tokenOfAnAdmin({ countersign, organization, clientId, login }: Served) {
  const subject = { identity: clientId }
  await countersign.asHost('test').roleBindings.create({ organization, subject, role: 'admin' })
  return (await login()).accessToken
}
