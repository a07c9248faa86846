import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import type { LockoutKey, Storage } from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { withRedisCounters } from '@countersign/redis'
import { storageCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import type { Choice } from './support/choices.ts'
import { choices, exceptionsInMemory } from './support/choices.ts'
import { clientKinds, ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import { hostTransaction } from './support/host-transaction.ts'

const url = await redisUrl()
const database = await openDatabase()
const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')

describe.skipIf(url === undefined)('withRedisCounters()', async () => {
  if (url === undefined) return
  const [ioredis, nodeRedis] = clientKinds
  if (ioredis === undefined || nodeRedis === undefined) return
  const [one, other] = [await ioredis.connect(url), await nodeRedis.connect(url)]
  afterAll(() => Promise.all([one.end(), other.end(), database?.drop()]))

  const decorate = (storage: Storage, { options }: Choice, client = one.client): Storage =>
    withRedisCounters(storage, { client, prefix: ownPrefix(), timeout: 10, ...options })

  test('TEN-006 never takes one name for another, however they are joined', async () => {
    const [, , , all] = choices
    const storage = decorate(memoryStorage({ clock }), all ?? assert.fail())
    const names: readonly (readonly [organization: string, identity: string, method: string])[] = [
      ['a:b', 'c', 'universal'],
      ['a', 'b:c', 'universal'],
      ['a', 'b', 'c:universal'],
      ['a:failures:b', 'c', 'universal'],
      ['a', 'failures:b:c', 'universal'],
    ]
    const now = clock()
    const struck: number[] = []
    for (const [organization, identity, method] of names) {
      const key: LockoutKey = { organization, identity, method, class: 'strangers' }
      const none = { refused: [], locked: [] }
      const { counter } = await storage.logins.strike(key, DEFAULT_LOCKOUT, now, none)
      struck.push(counter.failures)
    }
    assert.deepEqual(struck, [1, 1, 1, 1, 1])
    for (const [organization, identity] of names)
      await storage.lockouts.clear({ organization, identity }, now, [])
  })

  for (const choice of choices) {
    describe(`INP-010 ${choice.name} around memory, by node-redis`, () => {
      const createStorage = async () => decorate(memoryStorage({ clock }), choice, other.client)
      for (const { name, run } of casesOf(choice))
        if (exceptionsInMemory[name] === undefined) test(name, () => run({ createStorage, clock }))
    })
    describe.skipIf(database === undefined)(
      `INP-010 ${choice.name} around Postgres, by ioredis`,
      () => {
        if (database === undefined) return
        const subject = {
          clock: () => new Date(),
          hostTransaction: <T>(_: unknown, run: (transaction: unknown) => Promise<T>) =>
            hostTransaction(database.pool, run),
          async createStorage() {
            await database.empty()
            return decorate(postgresStorage({ pool: database.pool, timeout: 20 }), choice)
          },
        }
        for (const { name, run } of casesOf(choice).filter(touchesCounters))
          test(name, () => run(subject))
      },
    )
  }
})

function casesOf({ exceptions }: Choice) {
  return storageCases.filter(({ name }) => exceptions[name] === undefined)
}

/** The rules of what the decorator changes; everything else was asked around memory. */
function touchesCounters({ name }: { readonly name: string }): boolean {
  return /^(logins|tokens|lockouts|within|transaction|sweep|organizations.hold)\b|remove MUST take/.test(
    name,
  )
}
