import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { startChild } from '../support/children.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey, aWorkload, logIn } from '../support/engine.ts'

const database = await openDatabase()
const PROCESSES = 4
const patience = 120_000
const kinds = ['honest', 'naive'] as const

type Outcomes = Readonly<Record<string, number>>

describe.skipIf(database === undefined)('four processes on one Postgres', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  let countersign: Countersign
  beforeEach(async () => {
    await database.empty()
    countersign = await anEngine(pool, { rootKeys })
  })
  afterAll(() => database.drop())

  /** Lets each process make the same attempts, all at once. */
  async function race(kind: string, attempts: readonly string[]): Promise<Outcomes> {
    const values = [url, rootKeys[0] ?? '', kind, ...attempts]
    const starting = Array.from({ length: PROCESSES }, () => startChild('race.ts', values))
    const children = await Promise.all(starting)
    const answers = await Promise.all(children.map((child) => child.finish()))
    return sum(answers.map((answer) => JSON.parse(answer) as Outcomes))
  }

  test.each(kinds)(
    'USE-003 a token of five uses opens five requests of 400, on a storage that is %s',
    async (kind) => {
      const workload = await aWorkload(countersign, { tokenUses: 5 })
      const token = await logIn(countersign, workload)
      const outcomes = await race(kind, Array(100).fill(token))
      const { rows } = await pool.query('SELECT uses FROM countersign.use_counts')
      const { granted = 0, ...refused } = outcomes
      if (kind === 'naive') return assert.ok(granted > 5, `${granted} were granted`)
      assert.deepEqual([granted, Number(rows[0]?.uses)], [5, 5])
      assert.deepEqual(refused, { 'invalid_token token_exhausted': 395 })
    },
    patience,
  )

  test.each(kinds)(
    'LCK-002 no login succeeds once three failures have locked, on a storage that is %s',
    async (kind) => {
      const workload = await aWorkload(countersign, { lockout: true })
      const { identity, clientSecret } = workload
      const outcomes = await race(kind, Array(50).fill(`${identity} wrong`))
      const counted = outcomes['invalid_credential wrong_secret'] ?? 0
      // A failure that was judged while another one locked is refused as the lock says.
      if (kind === 'naive') return assert.ok(counted > 3, `${counted} were counted`)
      assert.equal(counted, 3)
      const right = await race(kind, Array(5).fill(`${identity} ${clientSecret}`))
      assert.deepEqual(Object.keys(right), ['locked_out too_many_attempts'])
      const { rows } = await pool.query('SELECT failures, locked FROM countersign.counters')
      assert.deepEqual(rows, [{ failures: '3', locked: true }])
    },
    patience,
  )

  test(
    'LCK-003 a hundred right logins at once all succeed, and nobody is locked',
    async () => {
      const { identity, clientSecret } = await aWorkload(countersign, { lockout: true })
      const outcomes = await race('honest', Array(25).fill(`${identity} ${clientSecret}`))
      assert.deepEqual(outcomes, { granted: 100 })
      assert.equal((await pool.query('SELECT FROM countersign.counters')).rows.length, 0)
    },
    patience,
  )
})

function sum(all: readonly Outcomes[]): Outcomes {
  const total: Record<string, number> = {}
  for (const one of all)
    for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count
  return total
}
