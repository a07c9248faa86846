import assert from 'node:assert/strict'
import type { Storage } from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import type { PostgresPool } from '@countersign/postgres'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { anEvent, at } from './support/records.ts'
import type { Workload } from './support/workload.ts'
import { seedWorkload } from './support/workload.ts'

const database = await openDatabase()

type Verb = (storage: Storage, workload: Workload) => unknown

const digest = { rootKey: 'key', value: 'digest' }
const strangers = { method: 'universal', source: '192.0.2.1' }
const counted = { session: 'sid_2', until: at(3600) }
const remember = { ...strangers, until: at(3600) }
const events = [anEvent(), anEvent()]

/** What a login, a renewal or a request asks: each is one statement, with its events. */
const verbs: Readonly<Record<string, Verb>> = {
  'logins.find': ({ logins }, { identity }) =>
    logins.find({ ...strangers, identity: identity.id, digests: [digest] }, at(0)),
  'logins.grant': ({ logins }, { grant, lockout, secret }) => {
    const redigest = { credential: secret.id, digest: { rootKey: 'new', value: 'new' } }
    return logins.grant(grant({ lockout, remember, counted, redigest }), at(0), events)
  },
  'logins.grant of evidence': ({ logins }, { grant }) =>
    logins.grant(grant({ charges: [{ kind: 'once', key: 'jti', until: at(60) }] }), at(0), events),
  'logins.strike': ({ logins }, { lockout }) =>
    logins.strike(lockout, DEFAULT_LOCKOUT, at(0), { refused: events, locked: events }),
  'tokens.find': ({ tokens }, { standing }) => tokens.find(standing, at(0)),
  'tokens.renew': ({ tokens }, { standing }) =>
    tokens.renew({ ...standing, generation: 1 }, at(0), events),
  'tokens.spend': ({ tokens }, { standing }) => tokens.spend(standing, 10, events),
  'tokens.revoke': ({ tokens }) =>
    tokens.revoke({ organization: 'acme', id: 'sid_1', until: at(60) }, events),
  'staticTokens.findByDigest': ({ staticTokens }) => staticTokens.findByDigest([digest], at(0)),
  'staticTokens.use': ({ staticTokens }, { token }) =>
    staticTokens.use({ organization: 'acme', id: token.id }, at(0), events),
  'clientSecrets.revoke': ({ clientSecrets }, { secret }) => {
    const mark = { organization: 'acme', id: secret.id, until: at(60) }
    const revocation = { at: at(0), reason: 'leaked', by: { kind: 'engine' } } as const
    return clientSecrets.revoke({ organization: 'acme', id: secret.id, mark }, revocation, events)
  },
  'identities.replace': ({ identities }, { identity }) =>
    identities.replace({ ...identity, revision: 2, slug: 'worker' }, events),
  'identities.remove': ({ identities }, { identity }) =>
    identities.remove(['acme', identity.id], events),
  'roleBindings.heldBy': ({ roleBindings }) =>
    roleBindings.heldBy('acme', [
      { kind: 'user', id: 'u_1' },
      { kind: 'user', id: 'u_2' },
    ]),
}

describe.skipIf(database === undefined)('postgresStorage()', () => {
  if (database === undefined) return
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  for (const [name, verb] of Object.entries(verbs))
    test(`${name} is one statement`, async () => {
      const texts: string[] = []
      const storage = postgresStorage({ pool: listening(database.pool, texts) })
      const workload = await seedWorkload(storage)
      texts.length = 0
      await verb(storage, workload)
      assert.equal(texts.length, 1, texts.join('\n\n'))
    })

  test('login() and authenticate() are planned once for all values', async () => {
    const client = await database.pool.connect()
    const { query } = client
    const storage = postgresStorage({
      pool: { connect: async () => ({ query: query.bind(client), release: () => undefined }) },
    })
    try {
      const { identity, lockout, standing, grant } = await seedWorkload(storage)
      for (let count = 0; count < 10; count += 1) {
        const digests = [digest]
        await storage.logins.find({ ...strangers, identity: identity.id, digests }, at(0))
        await storage.logins.grant(grant({ lockout, charges: [] }), at(0), events)
        await storage.tokens.find(standing, at(0))
        await storage.staticTokens.findByDigest([digest], at(0))
      }
      const { rows } = await client.query(
        `SELECT statement FROM pg_prepared_statements WHERE custom_plans > 5`,
      )
      assert.deepEqual(rows, [])
    } finally {
      client.release(true)
    }
  })

  test('transaction() is its statements between BEGIN and COMMIT', async () => {
    const texts: string[] = []
    const storage = postgresStorage({ pool: listening(database.pool, texts) })
    await storage.transaction(async ({ organizations }) => {
      await organizations.hold('acme')
      await organizations.find('acme')
    })
    assert.deepEqual(
      texts.map((text) => text.split(' ')[0]),
      ['BEGIN', 'SELECT', 'SELECT', 'COMMIT'],
    )
  })
})

/** The pool itself, but for an ear at its connections. */
function listening(pool: PostgresPool, texts: string[]): PostgresPool {
  return {
    async connect() {
      const connection = await pool.connect()
      return {
        query(query) {
          texts.push(query.text)
          return connection.query(query)
        },
        release: (error) => connection.release(error),
      }
    },
  }
}
