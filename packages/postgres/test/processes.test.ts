import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createCountersign } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { startChild } from './support/children.ts'
import { openDatabase } from './support/database.ts'

const database = await openDatabase()
const PROCESSES = 4
const LOGINS = 150
const LIMIT = 10

describe.skipIf(database === undefined)('several processes', () => {
  if (database === undefined) return
  const { pool, url } = database
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  test('USE-001 login() grants exactly as often as a secret may be used, from four processes at once', async () => {
    const { granted, outcomes, counted, events } = await raceLogins('honest')
    assert.equal(granted, LIMIT)
    assert.equal(counted, LIMIT)
    assert.equal(events, LIMIT)
    const others = Object.keys(outcomes).filter((outcome) => outcome !== 'granted')
    assert.ok(
      others.every((outcome) => /^(invalid_credential|locked_out|rate_limited) /.test(outcome)),
      JSON.stringify(outcomes),
    )
  }, 120_000)

  test('login() grants more often than that on a storage that reads and then writes', async () => {
    const { granted } = await raceLogins('naive')
    assert.ok(granted > LIMIT, `${granted} were granted`)
  }, 120_000)

  async function raceLogins(kind: string) {
    const rootKey = randomBytes(32).toString('base64url')
    const countersign = createCountersign({
      issuer: 'https://id.example.com',
      rootKeys: [rootKey],
      storage: postgresStorage({ pool, timeout: 60 }),
    })
    await countersign.ready()
    const host = countersign.asHost('test')
    const { id: organization } = await host.organizations.create({ id: 'acme', name: 'Acme' })
    const authMethod = { method: 'universal', lockout: 'off' } as const
    const { identity } = await host.identities.create({ organization, name: 'worker', authMethod })
    const key = { organization, identity: identity.id }
    const { clientSecret, id } = await host.clientSecrets.create({ ...key, maxUses: LIMIT })
    const values = [url, rootKey, identity.id, clientSecret, String(LOGINS), kind]
    const children = await Promise.all(
      Array.from({ length: PROCESSES }, () => startChild('login-race.ts', values)),
    )
    const answers = await Promise.all(children.map((child) => child.finish()))
    const outcomes = sum(answers.map((answer) => JSON.parse(answer) as Record<string, number>))
    const stored = await pool.query('SELECT uses FROM countersign.credentials WHERE id = $1', [id])
    const noted = await pool.query(
      `SELECT event FROM countersign.outbox UNION ALL SELECT event FROM countersign.events`,
    )
    const granted = noted.rows.filter(({ event }) => event.type === 'login.granted')
    return {
      granted: outcomes['granted'] ?? 0,
      outcomes,
      counted: Number(stored.rows[0]?.uses),
      events: granted.length,
    }
  }
})

function sum(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of all)
    for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count
  return total
}
