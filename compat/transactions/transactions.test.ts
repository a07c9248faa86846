import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Countersign } from '@countersign/core'
import { createCountersign } from '@countersign/core'
import { migrate, postgresStorage } from '@countersign/postgres'
import { startPostgres } from '@countersign/testkit'
import pg from 'pg'
import { nodePostgres, postgresJs } from './drivers.ts'
import type { Host, HostTransaction, OpenHost } from './host.ts'
import { prisma, typeorm, typeormQueryRunner } from './mappers.ts'
import { drizzleOnPg, drizzleOnPostgresJs, knex, kysely } from './query-builders.ts'

const hosts: readonly Host[] = [
  nodePostgres,
  ...postgresJs,
  kysely,
  drizzleOnPg,
  drizzleOnPostgresJs,
  knex,
  prisma,
  typeorm,
  typeormQueryRunner,
]

/** What a query builder may take for a placeholder, an escape, or JSON. */
const AWKWARD = [
  'a ? b ?? c',
  ':name ::x',
  '$1 $$ $2',
  `it's "so" \\ \\\\'`,
  '%s $' + '{x} {a,b}',
  'ö 💡',
]
const METADATA = { json: '{"a":[1,"b"]}', null: 'null', list: '{NULL,"x"}', date: '2026-01-01' }

const server = await startPostgres(18)
const pool = new pg.Pool({ connectionString: server.url, max: 4 })
let countersign: Countersign

before(async () => {
  await migrate(pool)
  await pool.query(`CREATE TABLE agents (
    name text PRIMARY KEY, identity text NOT NULL REFERENCES countersign.identities (id))`)
})
beforeEach(async () => {
  await pool.query(`DELETE FROM agents; DELETE FROM countersign.organizations;
    DELETE FROM countersign.outbox; DELETE FROM countersign.signing_keys`)
  const rootKeys = [randomBytes(32).toString('base64url')]
  const storage = postgresStorage({ pool, timeout: 20 })
  const issuer = 'https://id.example.com'
  countersign = createCountersign({ issuer, rootKeys, storage, cacheTtl: 0 })
  await countersign.ready()
  await countersign.asHost('test').organizations.create({ id: 'acme', name: 'Acme' })
  await pool.query('DELETE FROM countersign.outbox')
})
after(async () => {
  await pool.end()
  await server.stop()
})

const organization = 'acme'
const identitiesIn = ({ client }: HostTransaction) =>
  countersign.within(client).asHost('signup').identities

/** What somebody else sees: rows of the host, identities, and events. */
async function seen(): Promise<
  readonly [agents: string[], identities: string[], events: string[]]
> {
  const agents = await pool.query('SELECT name FROM agents ORDER BY name')
  const events = await pool.query('SELECT event FROM countersign.outbox ORDER BY id')
  const { items } = await countersign.asHost('test').identities.list({ organization })
  return [
    agents.rows.map(({ name }) => name),
    items.map(({ name }) => name),
    events.rows.map(({ event }) => event.type),
  ]
}

for (const { library, open } of hosts)
  describe(`within() on ${library}`, () => {
    let host: OpenHost
    beforeEach(async () => {
      host = await open(server.url)
    })
    afterEach(() => host.close())

    test('commits the row of the host and the identity together', async () => {
      await host.transaction(async (transaction) => {
        const identities = identitiesIn(transaction)
        const { identity } = await identities.create({ organization, name: 'worker' })
        await transaction.addAgent('agent', identity.id)
        assert.deepEqual(await seen(), [[], [], []])
      })
      const events = ['identity.created', 'role_binding.created']
      assert.deepEqual(await seen(), [['agent'], ['worker'], events])
    })

    test('leaves no row, no event and no permission behind where the host rolls back', async () => {
      const claim = { user: 'u_1', organization, bindings: 'stored' } as const
      const principal = await countersign.principalFor(claim)
      const rolledBack = host.transaction(async (transaction) => {
        const within = countersign.within(transaction.client).asHost('signup')
        const { identity } = await within.identities.create({ organization, name: 'worker' })
        await transaction.addAgent('agent', identity.id)
        const subject = { user: 'u_1' }
        await within.roleBindings.create({ organization, subject, role: 'admin' })
        await principal.refresh()
        assert.equal(principal.can('identity:create'), false)
        throw new Error('the host changed its mind')
      })
      await assert.rejects(rolledBack, { message: 'the host changed its mind' })
      await principal.refresh()
      assert.equal(principal.can('identity:create'), false)
      assert.deepEqual(await seen(), [[], [], []])
    })

    test('keeps texts as they are, whatever they look like', async () => {
      const made = await host.transaction(async (transaction) => {
        const identities = identitiesIn(transaction)
        const named = []
        for (const name of AWKWARD)
          named.push(await identities.create({ organization, name, metadata: METADATA }))
        const [first] = named
        const key = { organization, id: first?.identity.id ?? '' }
        await identities.update({ ...key, metadata: { ...METADATA, more: '?' } })
        const { items } = await identities.list({ organization, metadata: { json: METADATA.json } })
        assert.equal(items.length, AWKWARD.length)
        return named
      })
      const get = (id: string) => countersign.asHost('test').identities.get({ organization, id })
      const stored = await Promise.all(made.map(({ identity }) => get(identity.id)))
      assert.deepEqual(
        stored.map(({ name }) => name),
        AWKWARD,
      )
      assert.deepEqual(stored[0]?.metadata, { ...METADATA, more: '?' })
      assert.equal(JSON.stringify(stored[1]), JSON.stringify(made[1]?.identity))
    })

    test('creates, binds, lists and deletes, several verbs at once', async () => {
      await host.transaction(async ({ client }) => {
        const within = countersign.within(client).asHost('signup')
        const authMethod = { method: 'universal' } as const
        const create = (name: string) =>
          within.identities.create({ organization, name, authMethod })
        const [one, two] = await Promise.all([create('one'), create('two')])
        assert.ok(one && two)
        const identity = one.identity.id
        const secret = await within.clientSecrets.create({ organization, identity, maxUses: 3 })
        await within.clientSecrets.revoke({ organization, id: secret.id })
        await within.clientSecrets.delete({ organization, id: secret.id })
        await within.identities.delete({ organization, id: two.identity.id })
      })
      assert.deepEqual((await seen())[1], ['one'])
    })

    test('answers conflict where a row of the host still refers to what is deleted', async () => {
      const referred = await host.transaction(async (transaction) => {
        const { identity } = await identitiesIn(transaction).create({
          organization,
          name: 'worker',
        })
        await transaction.addAgent('agent', identity.id)
        return { organization, id: identity.id }
      })
      const deletion = host.transaction((transaction) => identitiesIn(transaction).delete(referred))
      await assert.rejects(deletion, { code: 'conflict' })
      const outside = countersign.asHost('test').identities.delete(referred)
      await assert.rejects(outside, { code: 'conflict' })
      assert.deepEqual((await seen()).slice(0, 2), [['agent'], ['worker']])
    })

    test('takes nothing that is in no transaction', () => {
      assert.throws(() => countersign.within(host.beside()), TypeError)
    })

    test('is refused once the transaction is over', async () => {
      const kept = await host.transaction(async (transaction) => transaction)
      const late = Promise.resolve().then(() =>
        identitiesIn(kept).create({ organization, name: 'late' }),
      )
      await assert.rejects(late)
      assert.deepEqual(await seen(), [[], [], []])
    })
  })
