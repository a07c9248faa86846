import assert from 'node:assert/strict'
import { postgresStorage } from '@countersign/postgres'
import { storageCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import { openDatabaseOn } from './support/database.ts'
import { hostTransaction } from './support/host-transaction.ts'

const database = await openDatabaseOn('pgbouncer')

describe.skipIf(database === undefined)('postgresStorage() behind a transaction pooler', () => {
  if (database === undefined) return
  const { pool } = database
  afterAll(() => database.drop())

  test('ready() says what to do, where statements would be prepared on connections that change', async () => {
    await assert.rejects(postgresStorage({ pool }).ready(), {
      message:
        'A pooler gives each transaction another connection, so statements cannot be prepared: pass `prepare: false`',
    })
  })

  test('ready() resolves where nothing is prepared', () =>
    postgresStorage({ pool, prepare: false }).ready())

  const subject = {
    clock: () => new Date(),
    hostTransaction: <T>(_: unknown, run: (transaction: unknown) => Promise<T>) =>
      hostTransaction(pool, run),
    async createStorage() {
      await database.empty()
      return postgresStorage({ pool, prepare: false, timeout: 20 })
    },
  }
  for (const { name, run } of storageCases) test(name, () => run(subject))
})
