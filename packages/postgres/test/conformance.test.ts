import { postgresStorage } from '@countersign/postgres'
import { storageCases } from '@countersign/testing/conformance'
import { postgresMajors } from '@countersign/testkit'
import { afterAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { hostTransaction } from './support/host-transaction.ts'

for (const major of postgresMajors) {
  const database = await openDatabase(major)
  describe.skipIf(database === undefined)(`postgresStorage() on PostgreSQL ${major}`, () => {
    if (database === undefined) return
    afterAll(() => database.drop())
    const subject = {
      clock: () => new Date(),
      hostTransaction: <T>(_: unknown, run: (transaction: unknown) => Promise<T>) =>
        hostTransaction(database.pool, run),
      async createStorage() {
        await database.empty()
        return postgresStorage({ pool: database.pool, timeout: 20 })
      },
    }
    for (const { name, run } of storageCases) test(name, () => run(subject))
  })
}
