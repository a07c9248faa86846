import assert from 'node:assert/strict'
import { postgresStorage } from '@countersign/postgres'
import { storageCases } from '@countersign/testing/conformance'
import { postgresMajors } from '@countersign/testkit'
import { afterAll, describe, test } from 'vitest'
import { storageSaboteurs } from '../../testing/test/saboteurs/all.ts'
import { hostTransaction } from '../../testing/test/saboteurs/transactions.ts'
import { openDatabase } from './support/database.ts'

for (const major of postgresMajors) {
  const database = await openDatabase(major)
  describe.skipIf(database === undefined)(`storageCases on PostgreSQL ${major}`, () => {
    if (database === undefined) return
    afterAll(() => database.drop())
    for (const { bug, caughtBy, sabotage } of storageSaboteurs)
      test(`${caughtBy}: catches a storage that ${bug}`, async () => {
        const found = storageCases.find(({ name }) => name === caughtBy)
        assert.ok(found, 'there is no such case')
        const subject = {
          clock: () => new Date(),
          hostTransaction,
          async createStorage() {
            await database.empty()
            return sabotage(postgresStorage({ pool: database.pool, timeout: 20 }))
          },
        }
        await assert.rejects(
          repeat(() => found.run(subject)),
          { name: 'AssertionError' },
        )
      })
  })
}

/** Between processes a race is lost by chance: one of several rounds has to show it. */
async function repeat(run: () => Promise<void>): Promise<void> {
  for (let round = 0; round < 20; round += 1) await run()
}
