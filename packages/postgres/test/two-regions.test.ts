import assert from 'node:assert/strict'
import { afterAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { anEngine, aRootKey, aWorkload, logIn, source } from './support/engine.ts'
import { createFaulty } from './support/faulty.ts'

const database = await openDatabase()
const CACHE_TTL = 1
/** Milliseconds that every answer of the one writer takes to the other region. */
const FAR = 120

describe.skipIf(database === undefined)('a node in another region than its one writer', () => {
  if (database === undefined) return
  afterAll(() => database.drop())

  test('accepts nothing that was asked later than cacheTtl after a revocation', async () => {
    const faulty = await createFaulty(database.url, { timeout: 20 })
    const rootKeys = [aRootKey()]
    const near = await anEngine(database.pool, { rootKeys, cacheTtl: CACHE_TTL })
    const { storage, pool } = faulty
    const far = await anEngine(pool, { storage, rootKeys, cacheTtl: CACHE_TTL })
    const workload = await aWorkload(near)
    const token = await logIn(near, workload)
    faulty.proxy.delay(FAR)
    const began = performance.now()
    await far.authenticate(token, source)
    assert.ok(performance.now() - began >= FAR, 'the writer is not far away')
    const revoking = near.revoke(token, source)
    // One that is under way while it is revoked may bring the answer from before.
    const underWay = far.authenticate(token, source).then(
      () => undefined,
      () => undefined,
    )
    await revoking
    const revoked = performance.now()
    await underWay
    let latest = revoked
    for (let isAccepted = true; isAccepted; ) {
      const asked = performance.now()
      const answer = await far.tryAuthenticate(token, source)
      isAccepted = 'kind' in answer
      if (isAccepted) latest = asked
      // What is known is answered without a turn of the loop.
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(latest - revoked <= CACHE_TTL * 1000, `accepted ${latest - revoked} ms later`)
    assert.equal((await far.tryAuthenticate(token, source)).constructor.name, 'CountersignError')
    await faulty.close()
  }, 60_000)
})
