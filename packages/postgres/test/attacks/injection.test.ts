import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import type { Workload } from '../support/engine.ts'
import { anEngine, aWorkload, logIn, source } from '../support/engine.ts'
import { anOrganization } from '../support/records.ts'
import type { Tenancy } from '../support/tenant.ts'
import { aTenancy, storeTenant } from '../support/tenant.ts'

const database = await openDatabase()
const organization = 'acme'

/** What ends a text, an identifier, a comment or a statement somewhere, or is no text at all. */
const HOSTILE = [
  `'; DROP TABLE countersign.identities; --`,
  `' OR '1'='1`,
  `" OR ""="`,
  `\\'; DROP SCHEMA countersign CASCADE; --`,
  `E'\\x27' || pg_sleep(0)`,
  '$1',
  '$$; DROP TABLE countersign.outbox; $$',
  ';--',
  '/*',
  `'); DELETE FROM countersign.organizations; --`,
  'a\u0000b',
  '\ud800',
  '%_%',
  '{"$ne":null}',
  '@identities',
  '"]}\n{"v":1}',
]

/** Refusals that say what is wrong, or that there is no such thing; a 500 or 503 is none of them. */
const ANSWERS = new Set([
  'answered',
  'invalid_request',
  'invalid_credential',
  'invalid_token',
  'not_found',
  'conflict',
  'permission_denied',
])

type Call = (countersign: Countersign, input: never) => Promise<unknown>

/** Every verb that takes words of a caller, with an input in which each text is replaced in turn. */
const verbs = (
  workload: Workload,
  token: string,
): Readonly<Record<string, readonly [Call, object]>> => {
  const { identity, secret } = workload
  const own = { organization, identity }
  return {
    ...management('organizations', { create: { id: 'x', name: 'x' }, get: { id: organization } }),
    ...management('organizations', {
      ensure: { id: 'y', name: 'x' },
      list: { name: 'x', cursor: 'x' },
    }),
    ...management('projects', {
      create: { organization, id: 'web', name: 'x' },
      ensure: { organization, id: 'api', name: 'x' },
      list: { organization, name: 'x', order: 'name', cursor: 'x' },
      get: { organization, id: 'web' },
    }),
    ...management('identities', {
      create: {
        organization,
        name: 'x',
        slug: 'x',
        owner: 'x',
        metadata: { key: 'x' },
        role: 'viewer',
      },
      list: { organization, name: 'x', slug: 'x', owner: 'x', metadata: { key: 'x' }, method: 'x' },
      get: { organization, id: identity },
      update: { organization, id: identity, name: 'x', owner: 'x', metadata: { key: 'x' } },
      revokeTokens: { organization, id: 'x' },
    }),
    ...management('authMethods', {
      get: { ...own, method: 'universal' },
      list: { ...own, cursor: 'x' },
    }),
    ...management('clientSecrets', {
      create: { ...own, description: 'x' },
      list: { ...own, order: 'name', cursor: 'x' },
      get: { organization, id: secret },
      revoke: { organization, id: 'x', reason: 'x' },
      delete: { organization, id: 'x' },
    }),
    ...management('roles', {
      create: { organization, slug: 'x', name: 'x', description: 'x', rules: [{ allow: ['x:y'] }] },
      list: { organization, cursor: 'x' },
      get: { organization, id: 'x' },
    }),
    ...management('roleBindings', {
      create: { organization, subject: { user: 'x' }, role: 'viewer' },
      list: { organization, subject: { user: 'x' }, role: 'x', cursor: 'x' },
      delete: { organization, id: 'x' },
    }),
    ...management('lockouts', { list: { ...own, method: 'x' }, clear: { ...own, method: 'x' } }),
    ...management('events', {
      list: { organization, identity, type: 'login.granted', cursor: 'x' },
    }),
    login: [
      (countersign, input) => countersign.login(input, source),
      { method: 'universal', identity, credential: { clientSecret: workload.clientSecret } },
    ],
    'login from a source': [
      (countersign, input) =>
        countersign.login(
          {
            method: 'universal',
            identity,
            credential: { clientSecret: workload.clientSecret },
          },
          input,
        ),
      { address: '192.0.2.1', userAgent: 'x', requestId: 'x' },
    ],
    authenticate: [
      (countersign, { token: given }: { readonly token: string }) =>
        countersign.authenticate(given, source),
      { token },
    ],
    introspect: [
      (countersign, { token: given }: { readonly token: string }) => countersign.introspect(given),
      { token },
    ],
    renew: [
      (countersign, { token: given }: { readonly token: string }) =>
        countersign.renew(given, source),
      { token },
    ],
    principalFor: [
      async (countersign, { user }: { readonly user: string }) =>
        countersign.principalFor({ user, organization, bindings: 'stored' }),
      { user: 'u_1' },
    ],
  }
}

function management(area: string, inputs: Readonly<Record<string, object>>) {
  return Object.fromEntries(
    Object.entries(inputs).map(([verb, input]) => [
      `${area}.${verb}`,
      [(countersign: Countersign, given: never) => callOf(countersign, area, verb)(given), input],
    ]),
  ) as unknown as Readonly<Record<string, readonly [Call, object]>>
}

function callOf(countersign: Countersign, area: string, verb: string) {
  const host = countersign.asHost('test') as unknown as Record<
    string,
    Record<string, (input: never) => Promise<unknown>>
  >
  const call = host[area]?.[verb]
  assert.ok(call, `there is no ${area}.${verb}`)
  return call
}

describe.skipIf(database === undefined)('texts that are no texts to SQL', () => {
  if (database === undefined) return
  const { pool } = database
  const storage = postgresStorage({ pool, timeout: 20 })
  let countersign: Countersign
  let workload: Workload
  let token: string
  let neighbour: unknown
  beforeAll(async () => {
    countersign = await anEngine(pool, { storage })
    workload = await aWorkload(countersign)
    token = await logIn(countersign, workload)
    await storeTenant(storage, 'globex', 5)
    neighbour = await tablesOf('globex')
  })
  afterAll(() => database.drop())

  for (const hostile of HOSTILE)
    test(`STO-019 every word of every call may be ${JSON.stringify(hostile)}`, async () => {
      for (const [verb, [call, input]] of Object.entries(verbs(workload, token)))
        for (const [path, spoilt] of spoil(input, hostile)) {
          const outcome = await outcomeOf(call(countersign, spoilt as never))
          assert.ok(ANSWERS.has(outcome), `${verb} ${path}: ${outcome}`)
        }
      assert.deepEqual(await tablesOf('globex'), neighbour)
    })

  test('STO-019 what is stored under a hostile text is found again, byte for byte', async () => {
    for (const [number, hostile] of HOSTILE.entries()) {
      const kept = aTenancy(organization, 1_000 + number)
      const spoilt = {
        ...kept.identity,
        name: hostile,
        owner: hostile,
        metadata: { [hostile]: hostile },
      }
      const { project: _project, ...identity } = spoilt
      assert.equal(await storage.identities.insert(identity, []), true)
      const filter = { organization, owner: hostile, metadata: { [hostile]: hostile } }
      const { rows } = await storage.identities.page({ filter, order: 'name', limit: 10 })
      assert.deepEqual(rows.map(nameOf), [hostile])
    }
  })

  test('STO-019 hostile ids name nothing, in any store', async () => {
    await storage.organizations.insert(anOrganization({ id: 'other' }), [])
    for (const hostile of HOSTILE) {
      const { clientSecrets, staticTokens, roles, projects, tokens } = storage
      const found = await Promise.all([
        storage.identities.find(hostile, hostile),
        clientSecrets.find(hostile, hostile),
        staticTokens.find(hostile, hostile),
        roles.find(hostile, hostile),
        projects.find(hostile, hostile),
        storage.authMethods.find(hostile, hostile, hostile),
        storage.organizations.find(hostile),
      ])
      assert.deepEqual(found, Array(found.length).fill(undefined))
      const query = {
        organization: hostile,
        identity: 'idn_1',
        authMethod: 'amt_1',
        session: hostile,
      }
      assert.equal((await tokens.find({ ...query } as never, new Date())).identity, undefined)
    }
  })

  test('the schema cannot be named by a hostile text', () => {
    for (const schema of HOSTILE) assert.throws(() => postgresStorage({ pool, schema }), TypeError)
  })

  async function tablesOf(tenant: string): Promise<unknown> {
    const query = `SELECT i.record::text, c.record::text AS credential FROM countersign.identities i
      JOIN countersign.credentials c ON c.identity = i.id WHERE i.organization = $1 ORDER BY c.id`
    return (await pool.query(query, [tenant])).rows
  }
})

const nameOf = ({ name }: Pick<Tenancy['identity'], 'name'>): string => name

type Spoilt = readonly [path: string, input: object]

/** The input with one of its texts replaced, in turn, and with a key more. */
function spoil(input: object, hostile: string): readonly Spoilt[] {
  return Object.entries(input).flatMap(([name, value]: [string, unknown]): readonly Spoilt[] => {
    if (typeof value === 'string') return [[name, { ...input, [name]: hostile }]]
    if (typeof value !== 'object' || value === null) return []
    const inner = spoil(value, hostile).map(([path, spoilt]): Spoilt => {
      const member = Array.isArray(value) ? Object.values(spoilt) : spoilt
      return [`${name}.${path}`, { ...input, [name]: member }]
    })
    if (Array.isArray(value)) return inner
    return [...inner, [`${name}.*`, { ...input, [name]: { ...value, [hostile]: 'x' } }]]
  })
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'answered'
  } catch (error) {
    return isCountersignError(error) ? error.code : String(error)
  }
}
