import { memoryStorage } from '@countersign/core'
import { storageCases } from '@countersign/testing/conformance'
import { describe, test } from 'vitest'

const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')
const subject = { createStorage: async () => memoryStorage({ clock }), clock }

describe('memoryStorage()', () => {
  for (const { name, run } of storageCases) test(name, () => run(subject))
})
