import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import { withRedisCounters } from '@countersign/redis'
import { storageCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import { storageSaboteurs } from '../../testing/test/saboteurs/all.ts'
import { hostTransaction } from '../../testing/test/saboteurs/transactions.ts'
import { choices } from './support/choices.ts'
import { connect, ownPrefix, redisUrl } from './support/clients.ts'

const url = await redisUrl()
const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')
const about = /^(logins|tokens|lockouts)\./

describe.skipIf(url === undefined)('storageCases around withRedisCounters()', async () => {
  if (url === undefined) return
  const { client, end } = await connect(url)
  afterAll(end)

  for (const { bug, caughtBy, sabotage } of storageSaboteurs.filter((one) =>
    about.test(one.caughtBy),
  ))
    test(`${caughtBy}: catches a storage that ${bug}`, async () => {
      const found = storageCases.find(({ name }) => name === caughtBy)
      // The choice that counts the most and still promises this.
      const choice = choices.findLast(({ exceptions }) => exceptions[caughtBy] === undefined)
      assert.ok(found !== undefined && choice !== undefined, 'there is no such case')
      const createStorage = async () => {
        const memory = memoryStorage({ clock })
        const redis = { client, prefix: ownPrefix(), timeout: 10 }
        return sabotage(withRedisCounters(memory, { ...redis, ...choice.options }))
      }
      await assert.rejects(found.run({ createStorage, clock, hostTransaction }), {
        name: 'AssertionError',
      })
    })
})
