import assert from 'node:assert/strict'
import { isCountersignError } from '@countersign/core/plugin'
import pg from 'pg'
import { afterAll, beforeEach, describe, onTestFinished, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import { anEngine, aRootKey } from '../support/engine.ts'

const database = await openDatabase()
const rounds = process.env['COUNTERSIGN_SOAK'] === '1' ? 1_000 : 25
const organization = 'acme'

describe.skipIf(database === undefined)('the last administrator in Postgres', () => {
  if (database === undefined) return
  const { pool, url } = database
  const rootKeys = [aRootKey()]
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  test('ESC-011 two administrators who remove each other at once, on two nodes, leave one', async () => {
    const other = new pg.Pool({ connectionString: url, max: 4 })
    onTestFinished(() => other.end())
    const first = await anEngine(pool, { rootKeys })
    const nodes = [first, await anEngine(other, { rootKeys })]
    const host = first.asHost('test')
    await host.organizations.create({ id: organization, name: 'Acme' })
    for (let round = 0; round < rounds; round += 1) {
      const users = [`one_${round}`, `two_${round}`]
      const bindings = await Promise.all(
        users.map((user) =>
          host.roleBindings.create({ organization, subject: { user }, role: 'admin' }),
        ),
      )
      const principals = await Promise.all(
        nodes.map((node, at) =>
          node.principalFor({ user: users[at] ?? '', organization, bindings: 'stored' }),
        ),
      )
      const outcomes = await Promise.allSettled(
        nodes.map((node, at) => {
          const principal = principals[at]
          assert.ok(principal)
          const id = bindings[1 - at]?.id ?? ''
          return node.as(principal).roleBindings.delete({ organization, id })
        }),
      )
      const left = await host.roleBindings.list({ organization, role: 'admin' })
      assert.equal(left.items.length, 1)
      const [refused, ...others] = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason] : [],
      )
      assert.deepEqual(others, [])
      assert.ok(isCountersignError(refused))
      assert.ok(['conflict', 'permission_denied'].includes(refused.code), refused.code)
      for (const { id } of left.items) await host.roleBindings.delete({ organization, id })
    }
  }, 120_000)

  test('ESC-011 an administrator who stands alone can neither leave nor be locked out by itself', async () => {
    const countersign = await anEngine(pool, { rootKeys })
    const host = countersign.asHost('test')
    await host.organizations.create({ id: organization, name: 'Acme' })
    const subject = { user: 'u_1' }
    const { id } = await host.roleBindings.create({ organization, subject, role: 'admin' })
    const claim = { user: 'u_1', organization, bindings: 'stored' } as const
    const principal = await countersign.principalFor(claim)
    await assert.rejects(countersign.as(principal).roleBindings.delete({ organization, id }))
    assert.equal((await host.roleBindings.list({ organization, role: 'admin' })).items.length, 1)
  })
})
