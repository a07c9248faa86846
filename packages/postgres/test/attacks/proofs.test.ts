import assert from 'node:assert/strict'
import type { Source } from '@countersign/core'
import { afterAll, beforeEach, describe, test } from 'vitest'
import type { ProofGiven } from '../../../core/test/support/proof.ts'
import { aProver } from '../../../core/test/support/proof.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, aWorkload, source } from '../support/engine.ts'

const database = await openDatabase()
const TIMEOUT = 60_000

describe.skipIf(database === undefined)('proofs on Postgres', () => {
  if (database === undefined) return
  const { pool } = database
  const rootKeys = [aRootKey()]
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  /** Two nodes on one database, and a token that is bound to a key. */
  async function bound() {
    const nodes = [await anEngine(pool, { rootKeys }), await anEngine(pool, { rootKeys })] as const
    const { identity, clientSecret } = await aWorkload(nodes[0])
    const prover = aProver()
    const beside = (given: ProofGiven = {}): Source => ({
      ...source,
      proof: prover.proof(new Date(), given),
    })
    const request = { method: 'universal', identity, credential: { clientSecret } } as const
    const { accessToken: token } = await nodes[0].login(request, beside())
    return { nodes, request, token, beside }
  }

  test('a proof that is shown to two nodes at once opens one of them', {
    timeout: TIMEOUT,
  }, async () => {
    const { nodes, token, beside } = await bound()
    for (let round = 0; round < 20; round += 1) {
      const shown = beside({ token })
      const answers = await Promise.allSettled(
        [...nodes, ...nodes].map((node) => node.authenticate(token, shown)),
      )
      const refused = answers.filter((answer) => answer.status === 'rejected')
      assert.equal(refused.length, 3)
      for (const { reason } of refused) assert.equal(reason.reason, 'proof_replayed')
    }
  })

  test('a proof that renewed a token on one node logs nobody in on another', {
    timeout: TIMEOUT,
  }, async () => {
    const { nodes, request, token, beside } = await bound()
    const shown = beside()
    await nodes[0].renew(token, shown)
    await assert.rejects(nodes[1].login(request, shown), { reason: 'evidence_replayed' })
    await nodes[1].login(request, beside())
  })

  test('what a policy binds to outlives a restart', { timeout: TIMEOUT }, async () => {
    const { nodes, request } = await bound()
    const [first, second] = nodes
    const key = { organization: 'acme', identity: request.identity, method: 'universal' } as const
    await first.asHost('test').authMethods.update({ ...key, tokenPolicy: { boundTo: 'dpop' } })
    const { tokenPolicy } = await second.asHost('test').authMethods.get(key)
    assert.equal(tokenPolicy.boundTo, 'dpop')
    await assert.rejects(second.login(request, source), { reason: 'proof_missing' })
  })
})
