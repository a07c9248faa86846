import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { anEngine } from './support/engine.ts'
import { hostTransaction } from './support/host-transaction.ts'

const database = await openDatabase()
const organization = 'acme'

// How other libraries hand over their transactions is tested on each of them in compat/transactions.
describe.skipIf(database === undefined)('within() on a pg client', () => {
  if (database === undefined) return
  const { pool } = database
  let countersign: Countersign
  beforeEach(async () => {
    await pool.query('DROP TABLE IF EXISTS agents')
    await database.empty()
    countersign = await anEngine(pool)
    await countersign.asHost('test').organizations.create({ id: organization, name: 'Acme' })
  })
  afterAll(() => database.drop())

  /** An identity that a row of the host's refers to, by a constraint of these words. */
  async function aReferredIdentity(constraint: string) {
    await pool.query(`CREATE TABLE agents (
      identity text REFERENCES countersign.identities (id) ${constraint})`)
    const { identities } = countersign.asHost('test')
    const { identity } = await identities.create({ organization, name: 'worker' })
    await pool.query('INSERT INTO agents VALUES ($1)', [identity.id])
    return { organization, id: identity.id }
  }

  test('takes neither a pool nor a client without a transaction', async () => {
    assert.throws(() => countersign.within(pool), TypeError)
    const client = await pool.connect()
    try {
      const { identities } = countersign.within(client).asHost('test')
      const made = identities.create({ organization, name: 'worker' })
      await assert.rejects(made, ({ code, cause }) => {
        return code === 'unavailable' && /on this client there is none/.test(`${cause}`)
      })
    } finally {
      client.release()
    }
  })

  test.each(['', 'DEFERRABLE INITIALLY DEFERRED'])(
    'delete() answers conflict while a row of the host refers to the identity%s',
    async (constraint) => {
      const key = await aReferredIdentity(constraint)
      const host = countersign.asHost('test')
      const hindered = { code: 'conflict', message: 'Something else refers to this record' }
      await assert.rejects(host.identities.delete(key), hindered)
      await assert.rejects(host.organizations.delete({ id: organization }), hindered)
      const { rows } = await pool.query(
        `SELECT event ->> 'type' AS type FROM countersign.outbox WHERE event ->> 'type' LIKE '%.deleted'`,
      )
      assert.deepEqual(rows, [])
      await pool.query('DELETE FROM agents')
      await host.identities.delete(key)
    },
  )

  test('delete() takes the row of a host along that asked for it', async () => {
    const key = await aReferredIdentity('ON DELETE CASCADE')
    await hostTransaction(pool, (client) =>
      countersign.within(client).asHost('test').identities.delete(key),
    )
    assert.deepEqual((await pool.query('SELECT * FROM agents')).rows, [])
  })
})
