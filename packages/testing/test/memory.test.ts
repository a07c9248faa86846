import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import { storageCases } from '@countersign/testing/conformance'
import { describe, test } from 'vitest'
import { createHosted, createLocking, hostTransaction } from './saboteurs/transactions.ts'

const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')
const subject = { createStorage: async () => memoryStorage({ clock }), clock }

/** Cases that the reference storage alone would pass without need: it never waits, and shares no database. */
const holdCases = storageCases.filter(({ name }) => name.startsWith('organizations.hold'))
const hostCases = storageCases.filter(({ name }) => name.startsWith('within'))

describe('memoryStorage()', () => {
  for (const { name, run } of storageCases) test(name, () => run(subject))
})

describe('a storage whose transactions wait for each other', () => {
  const createStorage = async () => createLocking(memoryStorage({ clock }))
  for (const { name, run } of holdCases) test(name, () => run({ createStorage, clock }))
})

describe('a storage in the database of its host', () => {
  const createStorage = async () => createHosted(memoryStorage({ clock }))
  for (const { name, run } of hostCases)
    test(name, () => run({ createStorage, clock, hostTransaction }))
})

describe('storageCases', () => {
  const createStorage = async () => createHosted(memoryStorage({ clock }))
  for (const { name, run } of hostCases)
    test(`${name}: asks for a transaction of the host`, () =>
      assert.rejects(run({ createStorage, clock }), { name: 'AssertionError' }))
})
