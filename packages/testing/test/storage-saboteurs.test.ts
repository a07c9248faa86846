import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import { storageCases } from '@countersign/testing/conformance'
import { describe, test } from 'vitest'
import { storageSaboteurs } from './saboteurs/all.ts'
import { hostTransaction } from './saboteurs/transactions.ts'

const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')

describe('storageCases', () => {
  for (const { bug, caughtBy, sabotage } of storageSaboteurs)
    test(`${caughtBy}: catches a storage that ${bug}`, async () => {
      const found = storageCases.find(({ name }) => name === caughtBy)
      assert.ok(found, 'there is no such case')
      const createStorage = async () => sabotage(memoryStorage({ clock }))
      await assert.rejects(found.run({ createStorage, clock, hostTransaction }), {
        name: 'AssertionError',
      })
    })
})
