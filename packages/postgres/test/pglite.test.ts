import { fromPglite, migrate, postgresStorage } from '@countersign/postgres'
import { storageCases } from '@countersign/testing/conformance'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { emptySchema } from './support/database.ts'

const pglite = new PGlite()
const pool = fromPglite(pglite)

beforeAll(async () => {
  await migrate(pool)
}, 120_000)
afterAll(() => pglite.close())

/** PGlite has one connection: what needs a second one, while a transaction is open on the first, cannot be asked of it. */
const exceptions: readonly (readonly [name: RegExp, reason: string])[] = [
  [/however many/, 'nobody races on one connection'],
  [/while others (strike|write and seal)/, 'nobody races on one connection'],
  [/^transaction MUST (lose no change|NOT let)/, 'two transactions are open at once'],
  [
    /^organizations\.hold MUST (let one of two|NOT make a login)/,
    'others ask beside a transaction',
  ],
  [/^transaction MUST NOT show outside/, 'others read beside a transaction'],
  [/^outbox\.append MUST NOT make writers wait/, 'others write beside a transaction'],
  [/^trail\.open MUST answer every event/, 'others write beside a transaction'],
  [/^roleBindings\.heldBy MUST let a transaction see/, 'others read beside a transaction'],
  [/^within MUST/, 'a host with one connection has no transaction beside ours'],
]

describe('postgresStorage() on PGlite', () => {
  for (const { name, run } of storageCases) {
    const reason = exceptions.find(([pattern]) => pattern.test(name))?.[1]
    test.skipIf(reason !== undefined)(name, () => run(subject))
  }
})

const subject = {
  clock: () => new Date(),
  async createStorage() {
    await emptySchema((statement) => pglite.exec(statement))
    return postgresStorage({ pool, timeout: 5 })
  },
}
