import type { IdempotencyStore, KeptRequest } from '@countersign/core/plugin'
import { memoryIdempotency } from '@countersign/http'
import { idempotencyCases } from '@countersign/testing/conformance'
import { describe, expect, test } from 'vitest'
import { bodyOf } from '../support/answer.ts'
import { aManaged } from '../support/manager.ts'

const IDENTITIES = '/api/v1/identities'
const key = { 'idempotency-key': 'k-1' }

describe('Idempotency-Key', () => {
  test('a creating request that comes again makes nothing and is answered as it was', async () => {
    const { call, ok } = await aManaged()
    const first = await call('POST', IDENTITIES, { name: 'a' }, key)
    const again = await call('POST', IDENTITIES, { name: 'a' }, key)
    expect(again.body).toBe(first.body)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect((await ok('GET', IDENTITIES)).totalCount).toBe(2)
  })

  test('a request that came to nothing because its node died may be made again a minute later', async () => {
    const store = memoryIdempotency()
    const { call } = await aManaged({ idempotency: { ...store, finish: async () => undefined } })
    expect((await call('POST', IDENTITIES, { name: 'a' }, key)).status).toBe(200)
    expect((await call('POST', IDENTITIES, { name: 'a' }, key)).status).toBe(409)
    const inAMinute = new Date(Date.now() + 61_000)
    const begin: IdempotencyStore['begin'] = (name, request) =>
      store.begin(name, request, inAMinute)
    const later = await aManaged({ idempotency: { ...store, begin } })
    expect((await later.call('POST', IDENTITIES, { name: 'a' }, key)).status).toBe(200)
  })

  test('the same key with another body is a conflict', async () => {
    const { call } = await aManaged()
    await call('POST', IDENTITIES, { name: 'a' }, key)
    expect((await call('POST', IDENTITIES, { name: 'b' }, key)).status).toBe(409)
  })

  test('a repeated minting is a conflict with the id that it made, and shows no secret', async () => {
    const { call, ok } = await aManaged()
    const { identity } = await ok('POST', IDENTITIES, { name: 'a' })
    const universal = `/api/v1/auth/universal-auth/identities/${identity.id}`
    await ok('POST', universal)
    const path = `${universal}/client-secrets`
    const minted = bodyOf(await call('POST', path, undefined, key))
    const again = await call('POST', path, undefined, key)
    expect(again.status).toBe(409)
    const { id } = minted['clientSecretData'] as { id: string }
    expect(bodyOf(again)).toMatchObject({ details: { id } })
    expect(again.body).not.toContain(minted['clientSecret'])
    expect((await ok('GET', path)).clientSecretData).toHaveLength(1)
  })

  test('a key belongs to one principal and one route', async () => {
    const { call, as, ok } = await aManaged()
    const other = await as({ role: 'admin' })
    await call('POST', IDENTITIES, { name: 'a' }, key)
    await other.call('POST', IDENTITIES, { name: 'a' }, key)
    await call('POST', '/api/v1/projects/web/identities', { name: 'a' }, key)
    await call('POST', '/api/v1/projects/api/identities', { name: 'a' }, key)
    expect((await ok('GET', IDENTITIES)).totalCount).toBe(6)
  })

  test('what was refused may be tried again', async () => {
    const { call, ok } = await aManaged()
    const wanted = { name: 'a', role: 'reader' }
    expect((await call('POST', IDENTITIES, wanted, key)).status).toBe(400)
    const role = { slug: 'reader', name: 'Reader', permissions: [] }
    await ok('POST', '/api/v1/organization/acme/roles', role)
    expect((await call('POST', IDENTITIES, wanted, key)).status).toBe(200)
  })

  test('of two at once one is made, and the other told of it', async () => {
    const { call, ok } = await aManaged()
    const twice = [0, 1].map(() => call('POST', IDENTITIES, { name: 'a' }, key))
    const statuses = (await Promise.all(twice)).map(({ status }) => status)
    expect(statuses).toContain(200)
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([])
    expect((await ok('GET', IDENTITIES)).totalCount).toBe(2)
  })

  test.each(['', ' ', 'a b', 'ü', 'x'.repeat(256)])('%j is no key', async (bad) => {
    const { call } = await aManaged()
    const answer = await call('POST', IDENTITIES, { name: 'a' }, { 'idempotency-key': bad })
    expect(answer.status).toBe(400)
  })
})

describe('memoryIdempotency()', () => {
  for (const { name, run } of idempotencyCases)
    test(name, () => run({ createStore: async () => memoryIdempotency() }))

  test('forgets after a day, to the instant, and the oldest where there is no room', async () => {
    let now = new Date('2026-03-01T00:00:00Z')
    const store = memoryIdempotency({ most: 2 })
    const until = new Date('2026-03-02T00:00:00Z')
    const begin = (name: string) => store.begin(name, { fingerprint: name, until }, now)
    await begin('a')
    expect(await begin('a')).toMatchObject({ fingerprint: 'a' })
    await begin('b')
    await begin('c')
    expect(await begin('b')).toBeDefined()
    now = until
    expect(await begin('b')).toBeUndefined()
  })
})

/** Stores with one bug each, and the case that must find it. */
const saboteurs: readonly (readonly [bug: string, caughtBy: string, sabotage: Sabotage])[] = [
  [
    'forgets at once',
    'begin MUST answer what stands there that is not over',
    (store) => ({ ...store, begin: async () => undefined }),
  ],
  [
    'keeps what is over',
    'begin MUST keep a request where what stands is over, to the instant',
    (store) => ({ ...store, begin: (name, request) => store.begin(name, request, new Date(0)) }),
  ],
  [
    'is a millisecond late',
    'begin MUST keep a request where what stands is over, to the instant',
    (store) => ({
      ...store,
      begin: (name, request, now) => store.begin(name, request, new Date(now.getTime() - 1)),
    }),
  ],
  ['reads, and then writes', 'begin MUST let one of any number at once begin', () => racing()],
  [
    'finishes what it did not begin',
    'finish MUST change nothing but its own request that is not finished',
    (store) => ({
      ...store,
      async finish(name, request) {
        await store.begin(name, request, request.until)
        await store.finish(name, request)
      },
    }),
  ],
  [
    'forgets what somebody else began',
    'forget MUST take away nothing but its own request that is not finished',
    (store) => ({
      ...store,
      async forget(name) {
        const standing = await store.begin(
          name,
          { fingerprint: '', until: new Date(0) },
          new Date(0),
        )
        await store.forget(name, standing?.fingerprint ?? '')
      },
    }),
  ],
]

type Sabotage = (store: IdempotencyStore) => IdempotencyStore

/** Lets others go first between reading and writing. */
function racing(): IdempotencyStore {
  const kept = new Map<string, KeptRequest>()
  return {
    ...memoryIdempotency(),
    async begin(name, request) {
      const standing = kept.get(name)
      await Promise.resolve()
      if (standing === undefined) kept.set(name, request)
      return standing
    },
  }
}

describe('idempotencyCases', () => {
  for (const [bug, caughtBy, sabotage] of saboteurs)
    test(`${caughtBy}: catches one that ${bug}`, async () => {
      const found = idempotencyCases.find(({ name }) => name === caughtBy)
      const subject = { createStore: async () => sabotage(memoryIdempotency()) }
      await expect(found?.run(subject)).rejects.toThrow()
    })
})
