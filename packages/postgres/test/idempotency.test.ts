import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Countersign } from '@countersign/core'
import { createCountersign } from '@countersign/core'
import { createHandler } from '@countersign/http'
import { postgresIdempotency, postgresStorage } from '@countersign/postgres'
import { idempotencyCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'

const database = await openDatabase()

describe.skipIf(database === undefined)('postgresIdempotency()', () => {
  if (database === undefined) return
  const { pool } = database
  afterAll(() => database.drop())

  async function createStore() {
    await database?.empty()
    return postgresIdempotency({ pool, timeout: 20 })
  }
  for (const { name, run } of idempotencyCases) test(name, () => run({ createStore }))

  test('is emptied by the sweep of the storage, to the instant', async () => {
    const store = await createStore()
    const until = new Date('2026-03-01T12:00:00Z')
    await store.begin('a', { fingerprint: 'one', until }, new Date(until.getTime() - 1))
    const storage = postgresStorage({ pool, timeout: 20 })
    assert.equal(await storage.sweep(new Date(until.getTime() - 1), 10), 0)
    assert.equal(await storage.sweep(until, 10), 1)
  })

  /** The token of somebody who may do everything in `acme`. */
  async function anAdmin(countersign: Countersign): Promise<string> {
    const host = countersign.asHost('test')
    await host.organizations.create({ id: 'acme', name: 'Acme' })
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'admin',
      role: 'admin',
      authMethod: { method: 'universal' },
    })
    const key = { organization: 'acme', identity: identity.id }
    const credential = { clientSecret: (await host.clientSecrets.create(key)).clientSecret }
    const request = { method: 'universal', identity: identity.id, credential } as const
    return (await countersign.login(request, { address: '127.0.0.1' })).accessToken
  }

  /** Two nodes of one deployment, and somebody who may create identities on each. */
  async function twoNodes() {
    await database?.empty()
    const rootKeys = [randomBytes(32).toString('base64url')]
    const [first, second] = [1, 2].map(() =>
      createCountersign({
        issuer: 'https://id.example.com',
        rootKeys,
        storage: postgresStorage({ pool, timeout: 20 }),
        rateLimits: 'off',
      }),
    )
    assert.ok(first && second)
    await Promise.all([first.ready(), second.ready()])
    const authorization = `Bearer ${await anAdmin(first)}`
    const nodes = [first, second].map((node) =>
      createHandler(node, { idempotency: postgresIdempotency({ pool, timeout: 20 }) }),
    )
    const create = (place: number, name: string) => {
      const request = new Request('https://id.example.com/api/v1/identities', {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': 'k-1' },
        body: JSON.stringify({ name }),
      })
      return nodes[place % 2]?.handle(request, { address: '127.0.0.1' }) ?? assert.fail()
    }
    const made = async () => {
      const { items } = await first.asHost('test').identities.list({ organization: 'acme' })
      return items.filter(({ name }) => name === 'once').length
    }
    return { create, made }
  }

  test('lets a repetition that reaches another node be answered as before', async () => {
    const { create, made } = await twoNodes()
    const answers = [await create(0, 'once'), await create(1, 'once')]
    const [one, two] = await Promise.all(answers.map((answer) => answer?.text()))
    assert.equal(two, one)
    assert.equal(answers[1]?.headers.get('idempotency-replayed'), 'true')
    assert.equal((await create(1, 'another'))?.status, 409)
    assert.equal(await made(), 1)
  })

  test('lets one of many at once, on two nodes, make it', async () => {
    const { create, made } = await twoNodes()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, place) => create(place, 'once')),
    )
    for (const answer of answers) assert.ok([200, 409].includes(answer?.status ?? 0))
    assert.equal(await made(), 1)
  })
})
