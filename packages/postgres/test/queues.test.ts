import assert from 'node:assert/strict'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { anEngine, aWorkload, logIn } from './support/engine.ts'
import { anEvent } from './support/records.ts'

const database = await openDatabase()

describe.skipIf(database === undefined)('logins of one organization', () => {
  if (database === undefined) return
  const { pool } = database
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  test('login() waits for no grant of another identity that is not committed yet', async () => {
    const countersign = await anEngine(pool)
    const settings = { lockout: true, maxUses: 10, tokenUses: 10 }
    const slow = await aWorkload(countersign, { ...settings, name: 'slow' })
    const swift = await aWorkload(countersign, { ...settings, name: 'swift' })
    const { rows } = await pool.query(
      'SELECT id FROM countersign.auth_methods WHERE identity = $1',
      [slow.identity],
    )
    const held = await pool.connect()
    try {
      await held.query('BEGIN')
      const { organization, identity } = slow as { organization: string; identity: `idn_${string}` }
      const refusal = await postgresStorage({ pool })
        .within(held)
        .logins.grant(
          {
            organization,
            identity,
            generation: 1,
            authMethod: rows[0].id,
            charges: [{ kind: 'use', credential: slow.secret as `csc_${string}` }],
            lockout: { organization, identity, method: 'universal', class: 'strangers' },
          },
          new Date(),
          [anEvent({ organization })],
        )
      assert.equal(refusal, undefined)
      // Whoever waited for the grant would be unavailable when the time of a call is over.
      assert.ok(await logIn(countersign, swift))
    } finally {
      await held.query('ROLLBACK')
      held.release()
    }
  })
})
