import assert from 'node:assert/strict'
import { later } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import type { Sender } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, aWorkload, logIn, source } from '../support/engine.ts'
import { createFaulty } from '../support/faulty.ts'
import { anEvent, at } from '../support/records.ts'
import { seedWorkload } from '../support/workload.ts'

const database = await openDatabase()
const rounds = process.env['COUNTERSIGN_SOAK'] === '1' ? 10_000 : 100

describe.skipIf(database === undefined)('what ends in Postgres', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  for (const sender of ['client', 'server'] as const)
    test(`TTL-011 revoking a secret ends its tokens in the same step, whichever message of the ${sender} was the last`, async () => {
      const outcomes: boolean[] = []
      for (let message = 1; message <= 100; message += 1) {
        const { cut, isRevoked } = await revokeCutAt(sender, message)
        outcomes.push(isRevoked)
        if (!cut) break
      }
      assert.equal(outcomes.at(0), false)
      assert.equal(outcomes.at(-1), true)
    }, 120_000)

  async function revokeCutAt(sender: Sender, message: number) {
    await database?.empty()
    const honest = await anEngine(pool, { rootKeys })
    const workload = await aWorkload(honest)
    const tokens = await Promise.all([1, 2, 3].map(() => logIn(honest, workload)))
    const faulty = await createFaulty(url)
    const countersign = await anEngine(faulty.pool, { rootKeys, storage: faulty.storage })
    const key = { organization: workload.organization, id: workload.secret }
    try {
      faulty.proxy.cutAfter(sender, message)
      const { clientSecrets } = countersign.asHost('test')
      const cut = await clientSecrets.revoke(key).then(
        () => false,
        () => true,
      )
      if (cut) await settle()
      const { revoked } = await honest.asHost('test').clientSecrets.get(key)
      const answers = await Promise.all(tokens.map((token) => honest.introspect(token)))
      const isRevoked = revoked !== undefined
      assert.deepEqual(
        answers.map(({ active }) => active),
        [!isRevoked, !isRevoked, !isRevoked],
      )
      if (!cut) assert.equal(isRevoked, true)
      return { cut, isRevoked }
    } finally {
      await honest.close()
      await faulty.close()
    }
  }

  /** Waits until the server has noticed the cut: then no session of the storage that was cut is left. */
  async function settle(): Promise<void> {
    const sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'faulty'"
    while ((await pool.query(sessions)).rows.length > 0);
  }

  test('TTL-013 a renewal that races a revocation, on two nodes, leaves no token alive', async () => {
    const other = new pg.Pool({ connectionString: url, max: 2 })
    const one = await anEngine(pool, { rootKeys })
    const two = await anEngine(other, { rootKeys })
    const workload = await aWorkload(one)
    for (let round = 0; round < rounds; round += 1) {
      const token = await logIn(one, workload)
      const [renewed] = await Promise.allSettled([
        one.renew(token, source),
        two.revoke(token, source),
      ])
      const alive = [token, ...(renewed.status === 'fulfilled' ? [renewed.value.accessToken] : [])]
      for (const each of alive)
        assert.deepEqual(await two.introspect(each), { active: false }, `round ${round}`)
    }
    await other.end()
  })

  test('CLU-009 a sweep forgets no login that is renewed, and a renewal revives none that was forgotten', async () => {
    const storage = postgresStorage({ pool, timeout: 20 })
    const { grant, standing } = await seedWorkload(storage)
    const query = (session: string) => ({ ...standing, session })
    for (let round = 0; round < rounds; round += 1) {
      const session = `sid_${round}`
      const end = at(10)
      const counted = { session, until: end }
      assert.equal(
        await storage.logins.grant(grant({ charges: [], counted }), at(0), []),
        undefined,
      )
      // Another node's clock is at the very end, ours is not.
      const renewal = {
        ...query(session),
        generation: 1,
        counted: { session, limit: 5, until: later(end, 10) },
      }
      const [refusal] = await Promise.all([
        storage.tokens.renew(renewal, at(9), [anEvent()]),
        storage.sweep(end, 100),
      ])
      const { uses } = await storage.tokens.find(query(session), at(9))
      assert.deepEqual(
        [refusal, uses],
        refusal === undefined ? [undefined, 0] : [refusal, undefined],
      )
      if (refusal !== undefined) assert.equal(refusal, 'token_exhausted')
      await storage.sweep(later(end, 9), 100)
      const kept = await storage.tokens.find(query(session), at(19))
      assert.equal(kept.uses, uses)
      await storage.sweep(later(end, 10), 100)
    }
  })

  test('CLU-009 a sweep beside renewals leaves every renewed token good', async () => {
    const countersign = await anEngine(pool, { rootKeys })
    const workload = await aWorkload(countersign, { tokenUses: 50 })
    let token = await logIn(countersign, workload)
    for (let round = 0; round < 10; round += 1) {
      const [grant] = await Promise.all([countersign.renew(token, source), countersign.maintain()])
      token = grant.accessToken
      await countersign.authenticate(token, source)
    }
  })
})
