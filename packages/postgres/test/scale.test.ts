import assert from 'node:assert/strict'
import { migrate, postgresStorage } from '@countersign/postgres'
import { createDatabase } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Sent, Verbs } from './scale/hot-statements.ts'
import { listVerbs, requestVerbs, sentBy } from './scale/hot-statements.ts'
import type { Plan, PreparedPlan } from './scale/plans.ts'
import { preparePlan } from './scale/plans.ts'
import { gatherStatistics, openMonths, populate, SMOKE } from './scale/population.ts'
import { runScale } from './scale/run.ts'
import { serverFor } from './support/database.ts'

const server = await serverFor(18)

interface Asked {
  readonly name: string
  readonly sent: Sent
  /** Pages of tables and indices; whatever is read from end to end has many times more. */
  readonly mostPages: number
}

const asked = [
  ...(await askedBy(requestVerbs(SMOKE), 40)),
  ...(await askedBy(listVerbs(SMOKE), 300)),
]

describe.skipIf(server === undefined)('a database of a certain size', () => {
  if (server === undefined) return
  const prepared = new Map<Asked, PreparedPlan>()
  const young = new Map<Asked, Plan>()
  const ended: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const { url, drop } = await createDatabase(server)
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    await migrate(pool)
    await openMonths(pool)
    const client = await pool.connect()
    ended.push(
      async () => client.release(true),
      () => pool.end(),
      () => drop(),
    )
    // Prepared while every table is empty, as the statements of a node are that was there from the start.
    for (const one of asked) prepared.set(one, await preparePlan(client, one.sent))
    await populate(pool, postgresStorage({ pool, timeout: 20 }), SMOKE)
    for (const [one, plan] of prepared) young.set(one, await plan.run('generic'))
    await gatherStatistics(pool)
  }, 120_000)
  afterAll(async () => {
    for (const end of ended) await end()
  })

  for (const one of asked)
    test(`${one.name} finds its rows by an index`, async () => {
      assertDirect(one, await prepared.get(one)?.run('custom'))
      if (one.sent.name === undefined) return
      assertDirect(one, await prepared.get(one)?.run('generic'))
      assertDirect(one, young.get(one))
    })

  test('runScale() reports a small database as it does a large one', async () => {
    const report = await runScale(server, { size: SMOKE, workloads: 4, rounds: 1 })
    const scanned = report.plans.flatMap((plan) => plan.scanned)
    assert.deepEqual(scanned, [])
    assert.ok(report.sweep.rows > 1000, `${report.sweep.rows} rows were swept`)
    assert.equal(report.latencies.length, 3)
  }, 120_000)
})

async function askedBy(verbs: Verbs, mostPages: number): Promise<readonly Asked[]> {
  return Promise.all(
    Object.entries(verbs).map(async ([name, verb]) => {
      return { name, sent: await sentBy(verb), mostPages }
    }),
  )
}

function assertDirect({ mostPages }: Asked, plan: Plan | undefined): void {
  assert.ok(plan)
  assert.deepEqual(plan.scanned, [], plan.text)
  assert.ok(plan.pages <= mostPages, `${plan.pages} pages\n${plan.text}`)
}
