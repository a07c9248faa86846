import assert from 'node:assert/strict'
import { postgresStorage } from '@countersign/postgres'
import { outageCases } from '@countersign/testing/conformance'
import { afterAll, afterEach, beforeEach, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import type { Faulty } from './support/faulty.ts'
import { createFaulty } from './support/faulty.ts'
import { anEvent, anOrganization } from './support/records.ts'

const database = await openDatabase()
const url = database?.url ?? ''
const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => unhandled.push(error))

describe.skipIf(database === undefined)('postgresStorage() on a broken network', () => {
  let faulty: Faulty
  beforeEach(async () => {
    await database?.empty()
    faulty = await createFaulty(url)
  })
  afterEach(async () => {
    await faulty.close()
    assert.deepEqual(unhandled, [])
  })
  afterAll(() => database?.drop())

  for (const fault of ['refuse', 'black-hole'] as const)
    describe(`where the network is a ${fault}`, () => {
      for (const { name, run } of outageCases)
        test(name, async () => {
          const createUnreachable = async () => {
            faulty.proxy.set(fault)
            return postgresStorage({ pool: faulty.pool, timeout: 0.2 })
          }
          await run({ createUnreachable })
        })
    })

  for (const fault of ['refuse', 'black-hole', 'drop-replies', 'reset-on-reply'] as const)
    test(`find() throws in time and answers again as soon as Postgres does, after ${fault}`, async () => {
      const { storage, proxy } = faulty
      const organization = anOrganization()
      await storage.organizations.insert(organization, [])
      proxy.set(fault)
      const began = performance.now()
      await assert.rejects(storage.organizations.find(organization.id))
      assert.ok(performance.now() - began < 10_000)
      proxy.set('none')
      assert.deepEqual(await storage.organizations.find(organization.id), organization)
    })

  test('find() waits for an answer that is merely slow', async () => {
    const { storage, proxy } = faulty
    await storage.organizations.insert(anOrganization(), [])
    proxy.delay(50)
    assert.notEqual(await storage.organizations.find(anOrganization().id), undefined)
  })

  test('find() survives connections that the server ended while nobody used them', async () => {
    const { storage } = faulty
    await Promise.all([1, 2, 3].map(() => storage.now()))
    await database?.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    // Each connection is lost once at the most; then there are only new ones.
    for (let lost = 0; lost < 3; lost += 1) await storage.now().catch(() => undefined)
    assert.ok((await storage.now()) instanceof Date)
  })

  test('transaction() throws where its connection ended between two statements, and nothing stays', async () => {
    const { storage, proxy } = faulty
    const organization = anOrganization()
    const transaction = storage.transaction(async (stores) => {
      await stores.organizations.insert(organization, [anEvent()])
      proxy.set('refuse')
      await stores.organizations.find(organization.id)
    })
    await assert.rejects(transaction)
    proxy.set('none')
    assert.equal(await storage.organizations.find(organization.id), undefined)
  })

  test('transaction() never runs again a COMMIT whose answer was lost', async () => {
    const { storage, proxy } = faulty
    let runs = 0
    const transaction = storage.transaction(async (stores) => {
      runs += 1
      await stores.outbox.append([anEvent()])
      proxy.set('drop-replies')
    })
    await assert.rejects(transaction)
    proxy.set('none')
    const { events } = await storage.trail.open(10)
    assert.deepEqual([runs, events.length], [1, 1])
  })

  test('postgresStorage() turns callers away where too many wait for a connection', async () => {
    const storage = postgresStorage({ pool: faulty.pool, timeout: 0.3, maxWaiting: 6 })
    faulty.proxy.set('black-hole')
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => storage.now()))
    const words = asked.map((one) => (one.status === 'rejected' ? String(one.reason) : 'answered'))
    const turnedAway = words.filter((word) => word.includes('Too many calls wait'))
    assert.equal(turnedAway.length, 34)
    assert.equal(words.includes('answered'), false)
  })
})
